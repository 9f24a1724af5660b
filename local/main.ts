import { parseArgs } from 'node:util';
import { ConfigError } from 'kit/config';
import { subgraphs } from 'subgraphs/start';
import { localSettings, type Environment } from './config.ts';
import { connectionsFor } from './connections.ts';
import { openDataFolder } from './data-folder.ts';
import { startDistributed } from './distributed.ts';
import { LocalError } from './errors.ts';
import { startInProcess, type Graph } from './in-process.ts';
import { assertPortFree } from './port.ts';
import { seedWhenEmpty } from './seed.ts';
import { startStores } from './stores.ts';
import { startWorkersInProcess } from './workers.ts';

const log = (line: string): void => void process.stderr.write(`${line}\n`);

/** Throws where the number is none. */
function workersOf(workers: string): number {
  if (!/^[1-9]\d?$/.test(workers)) throw new LocalError('--workers takes a number from 1 to 99.');
  return Number(workers);
}

/** Serves what has been asked for: everything in one process or in several of a kind, or a process for each part. */
async function serve(environment: Environment, workers: number, isDistributed: boolean): Promise<Served> {
  if (!isDistributed && workers > 1) return startWorkersInProcess(workers, environment, log);
  const graph = isDistributed ? await startDistributed(environment, workers) : await startInProcess(environment);
  try {
    if (localSettings(environment).NODE_ENV === 'development') await seedWhenEmpty(graph.transports, log);
  } catch (error) {
    await graph.stop();
    throw error;
  }
  return graph;
}

/** A host to go to: an address that means all of them is none. */
const reachable = (host: string): string => {
  if (['0.0.0.0', '::'].includes(host)) return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
};

type Served = Pick<Graph, 'url' | 'stop'>;

/**
 * `npm start`: everything on this machine, in one process; with `--workers N` in N of a kind behind one port; with
 * `--distributed` a process for each subgraph, and one or N for the gateway.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { distributed: { type: 'boolean', default: false }, workers: { type: 'string', default: '1' } },
  });
  const workers = workersOf(values.workers);
  const settings = localSettings(process.env);
  const stops: (() => Promise<void> | void)[] = [];
  let stopping: Promise<void> | null = null;
  const stop = (): Promise<void> =>
    (stopping ??= (async () => {
      for (const one of stops.reverse()) await one();
    })());
  let isStarted = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    // While starting, the signal waits for the step at hand: half-made stores are not left behind.
    process.on(signal, () => void (isStarted ? stop().then(() => process.exit(0)) : (wanted = true)));
  }
  let wanted = false;
  try {
    await assertPortFree(settings.PORT, settings.HOST);
    const folder = await openDataFolder(settings.DATA_DIR);
    stops.push(() => folder.release());
    const stores = await startStores(
      folder,
      subgraphs.map((subgraph) => subgraph.name),
      process.env,
      // Subgraphs that are processes of their own are there once, however many gateways ask them.
      connectionsFor(values.distributed ? 1 : workers, process.env),
      log,
    );
    stops.push(stores.stop);
    // Links in mails lead here, unless another address is set.
    const environment = { PUBLIC_URL: `http://${reachable(settings.HOST)}:${settings.PORT}`, ...stores.environment };
    const graph = await serve(environment, workers, values.distributed);
    stops.push(graph.stop);
    if (stores.environment['ADMIN_EMAIL'] && !settings.ADMIN_EMAIL) {
      log(`administrator: admin, password in ${folder.path}/admin-password`);
    }
    process.stdout.write(`ready ${graph.url}\n`);
  } catch (error) {
    await stop();
    throw error;
  }
  isStarted = true;
  if (wanted) await stop().then(() => process.exit(0));
}

export const ended = main().catch((error: unknown) => {
  const isExpected = error instanceof LocalError || error instanceof ConfigError;
  log(isExpected ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exit(1);
});
