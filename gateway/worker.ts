import cluster from 'node:cluster';
import { metrics } from 'kit/metrics';

// What a process knows of being one of several: see workers.ts.

/** From a worker to the primary. */
export type FromWorker =
  | { readonly kind: 'ready'; readonly url: string }
  | { readonly kind: 'metrics wanted'; readonly id: number }
  | { readonly kind: 'metrics'; readonly id: number; readonly metrics: readonly object[] }
  | { readonly kind: 'leaving' };

/** From the primary to a worker. */
export type ToWorker =
  | { readonly kind: 'give metrics'; readonly id: number }
  | { readonly kind: 'metrics of all'; readonly id: number; readonly text: string }
  | { readonly kind: 'left' };

const METRICS_MILLISECONDS = 3000;
const LEAVE_MILLISECONDS = 3000;

/** Says that this process serves: to its primary, or on stdout where it is alone. */
export function announce(url: string): void {
  if (!cluster.isWorker) process.stdout.write(`ready ${url}\n`);
  else tell({ kind: 'ready', url });
}

const waiting = new Map<number, (text: string) => void>();
let asked = 0;
let isListening = false;

/** The metrics of all workers together; where the primary gives none in time, or there is none, of this process. */
export async function readMetrics(): Promise<string> {
  if (!cluster.isWorker) return metrics.metrics();
  listen();
  const id = asked++;
  const together = new Promise<string>((resolve) => waiting.set(id, resolve));
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), METRICS_MILLISECONDS);
  });
  tell({ kind: 'metrics wanted', id });
  const text = await Promise.race([together, tooLate]);
  clearTimeout(timer);
  waiting.delete(id);
  return text ?? metrics.metrics();
}

/** Answers the primary; every worker does from its start. */
export function listen(): void {
  if (!cluster.isWorker || isListening) return;
  isListening = true;
  process.on('message', (message: ToWorker) => {
    if (message.kind === 'metrics of all') waiting.get(message.id)?.(message.text);
    if (message.kind !== 'give metrics') return;
    void metrics.getMetricsAsJSON().then((own) => tell({ kind: 'metrics', id: message.id, metrics: own }));
  });
}

/**
 * To be awaited between the end of the server and that of the process. A primary that has not yet heard of the one may hand
 * over a connection, which would be lost with the other. What it says comes in order: after its answer there are none.
 */
export async function leave(): Promise<void> {
  if (!cluster.isWorker || !process.connected) return;
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, LEAVE_MILLISECONDS);
  });
  const left = new Promise<void>((resolve) => {
    process.on('message', (message: ToWorker) => message.kind === 'left' && resolve());
    process.once('disconnect', resolve);
  });
  tell({ kind: 'leaving' });
  await Promise.race([left, tooLate]);
  clearTimeout(timer);
}

function tell(message: FromWorker): void {
  if (process.connected) process.send?.(message);
}
