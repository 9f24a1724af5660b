import { parseArgs } from 'node:util';
import { ConfigError } from 'kit/config';
import { subgraphs } from 'subgraphs/start';
import { localSettings } from './config.ts';
import { openDataFolder } from './data-folder.ts';
import { startDistributed } from './distributed.ts';
import { LocalError } from './errors.ts';
import { startInProcess } from './in-process.ts';
import { assertPortFree } from './port.ts';
import { seedWhenEmpty } from './seed.ts';
import { startStores } from './stores.ts';

const log = (line: string): void => void process.stderr.write(`${line}\n`);

/** The gateway processes asked for. Throws where the number is none, or there is but one process for everything. */
function workersOf(workers: string, isDistributed: boolean): number {
  if (!/^[1-9]\d?$/.test(workers)) throw new LocalError('--workers takes a number from 1 to 99.');
  if (workers !== '1' && !isDistributed) {
    throw new LocalError('--workers is for --distributed: in one process there is one of everything.');
  }
  return Number(workers);
}

/**
 * `npm start`: everything on this machine; `npm start -- --distributed`: the same in six processes, with `--workers N` more of
 * them for the gateway.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { distributed: { type: 'boolean', default: false }, workers: { type: 'string', default: '1' } },
  });
  const workers = workersOf(values.workers, values.distributed);
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
      log,
    );
    stops.push(stores.stop);
    const graph = values.distributed
      ? await startDistributed(stores.environment, workers)
      : await startInProcess(stores.environment);
    stops.push(graph.stop);
    if (settings.NODE_ENV === 'development') await seedWhenEmpty(graph.transports, log);
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
