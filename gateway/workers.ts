import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { AggregatorRegistry } from 'prom-client';
import type { FromWorker, ToWorker } from './worker.ts';

export interface WorkersOptions {
  readonly count: number;
  /** The program of each worker, with its arguments. It calls `announce` and `listen` of worker.ts. */
  readonly program: string;
  readonly parameters: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** After SIGTERM a worker gets this long. */
  readonly stopSeconds: number;
  readonly log: (line: string) => void;
}

export interface Workers {
  readonly url: string;
  /** Replaces the workers one after the other, each new one serving before its old one stops. Where a new one does not start, the old ones stay. */
  readonly restart: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** A worker that dies is started again after a while, longer each time; one that has lived this long begins anew. */
const BACK_OFF_MILLISECONDS = [200, 500, 1000, 2000, 5000, 10_000];
const SOUND_MILLISECONDS = 60_000;
const METRICS_MILLISECONDS = 2000;

/**
 * Serves with several processes behind one port: the primary takes connections and hands them round, so a process that stops
 * loses none. The first starts alone, for what must be done once. Rejects where one does not become ready.
 */
export async function startWorkers(options: WorkersOptions): Promise<Workers> {
  const { count, program, parameters, environment, log } = options;
  cluster.setupPrimary({ exec: program, args: [...parameters] });
  cluster.schedulingPolicy = cluster.SCHED_RR;
  const state = { isStopping: false, ready: new Set<Worker>(), failures: 0 };
  const metrics = collectMetrics(state.ready);
  const start = (): Promise<string> => {
    const worker = cluster.fork(environment);
    const startedAt = performance.now();
    worker.once('exit', (code, signal) => {
      const wasReady = state.ready.delete(worker);
      if (!wasReady || state.isStopping) return;
      log(`a worker ended (${signal || `exit code ${code}`}); starting another`);
      if (performance.now() - startedAt > SOUND_MILLISECONDS) state.failures = 0;
      again();
    });
    return readiness(worker).then((url) => {
      state.ready.add(worker);
      return url;
    });
  };
  const again = (): void => {
    const delay = BACK_OFF_MILLISECONDS[Math.min(state.failures++, BACK_OFF_MILLISECONDS.length - 1)];
    setTimeout(() => {
      if (!state.isStopping) start().catch(again);
    }, delay);
  };
  const onMessage = (worker: Worker, message: FromWorker): void => {
    if (message.kind === 'leaving') send(worker, { kind: 'left' });
    else metrics.onMessage(worker, message);
  };
  cluster.on('message', onMessage);
  const stop = async (): Promise<void> => {
    state.isStopping = true;
    const running = Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined);
    await Promise.all(running.map((worker) => end(worker, options.stopSeconds)));
    cluster.off('message', onMessage);
  };
  try {
    const url = await start();
    await Promise.all(Array.from({ length: count - 1 }, start));
    let last = Promise.resolve();
    const restart = (): Promise<void> => (last = last.then(() => restartAll(state, start, options)));
    return { url, stop, restart };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function restartAll(
  state: { readonly isStopping: boolean; readonly ready: Set<Worker> },
  start: () => Promise<string>,
  { stopSeconds, log }: Pick<WorkersOptions, 'stopSeconds' | 'log'>,
): Promise<void> {
  for (const old of [...state.ready]) {
    if (state.isStopping) return;
    try {
      await start();
    } catch (error) {
      return log(
        `not restarted, the workers from before go on: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
    state.ready.delete(old);
    await end(old, stopSeconds);
  }
}

/** The URL a worker announces. Rejects where it ends before. */
function readiness(worker: Worker): Promise<string> {
  return new Promise((resolve, reject) => {
    worker.once('exit', (code, signal) => {
      reject(new Error(`a worker did not start (${signal || `exit code ${code}`}); its reason stands above`));
    });
    worker.on('message', (message: FromWorker) => {
      if (message.kind === 'ready') resolve(message.url);
    });
  });
}

async function end(worker: Worker, seconds: number): Promise<void> {
  if (worker.isDead()) return;
  const exited = once(worker, 'exit');
  worker.process.kill('SIGTERM');
  const force = setTimeout(() => worker.process.kill('SIGKILL'), seconds * 1000);
  await exited;
  clearTimeout(force);
}

interface Collection {
  readonly asker: Worker;
  readonly askedId: number;
  readonly parts: (readonly object[])[];
  readonly wanted: number;
  readonly timer: NodeJS.Timeout;
}

/** Answers a worker that wants everybody's metrics with the sum of what the ready ones give in time. */
function collectMetrics(ready: ReadonlySet<Worker>) {
  const collections = new Map<number, Collection>();
  let last = 0;
  const finish = async (id: number): Promise<void> => {
    const collection = collections.get(id);
    if (!collection) return;
    collections.delete(id);
    clearTimeout(collection.timer);
    const text = await AggregatorRegistry.aggregate(collection.parts).metrics();
    send(collection.asker, { kind: 'metrics of all', id: collection.askedId, text });
  };
  const begin = (asker: Worker, askedId: number): void => {
    const id = last++;
    const timer = setTimeout(() => void finish(id), METRICS_MILLISECONDS);
    collections.set(id, { asker, askedId, parts: [], wanted: ready.size, timer });
    for (const worker of ready) send(worker, { kind: 'give metrics', id });
  };
  return {
    onMessage: (worker: Worker, message: FromWorker): void => {
      if (message.kind === 'metrics wanted') begin(worker, message.id);
      if (message.kind !== 'metrics') return;
      const collection = collections.get(message.id);
      if (collection?.parts.push(message.metrics) === collection?.wanted) void finish(message.id);
    },
  };
}

function send(worker: Worker, message: ToWorker): void {
  if (worker.isConnected()) worker.send(message);
}
