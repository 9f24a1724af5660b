import cluster from 'node:cluster';
import { metrics } from 'kit/metrics';

// What a process knows of being one of several: see workers.ts.

/** From a worker to the primary. */
export type FromWorker =
  | { readonly kind: 'ready'; readonly url: string }
  | { readonly kind: 'metrics wanted'; readonly id: number }
  | { readonly kind: 'metrics'; readonly id: number; readonly metrics: readonly object[] };

/** From the primary to a worker. */
export type ToWorker =
  | { readonly kind: 'give metrics'; readonly id: number }
  | { readonly kind: 'metrics of all'; readonly id: number; readonly text: string };

const METRICS_MILLISECONDS = 3000;

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

function tell(message: FromWorker): void {
  if (process.connected) process.send?.(message);
}
