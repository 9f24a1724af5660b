import type { Logger } from 'kit/logger';
import type { HealthReport } from '../health.ts';
import { reloads } from '../metrics.ts';
import type { Pipeline } from '../pipeline.ts';
import type { Transports } from '../transport/transports.ts';
import type { Graph } from './graph.ts';
import type { SupergraphSource } from './source.ts';

export interface ReloadOptions {
  readonly pipeline: Pick<Pipeline, 'graph' | 'take'>;
  /** Throws where it cannot be served. */
  readonly load: (supergraphSdl: string) => Graph | Promise<Graph>;
  readonly transports: Pick<Transports, 'adopt' | 'retire'>;
  /** Null where the supergraph changes only when the gateway is told. */
  readonly source: SupergraphSource | null;
  /** Called in turn once another graph is served. */
  readonly listeners: readonly (() => Promise<void>)[];
  readonly log: Logger;
}

export type ReloadOutcome = 'taken' | 'same' | 'refused';

export interface Reload {
  /** Takes over another supergraph, after those offered before. Never rejects: one that cannot be served is refused and logged. */
  readonly offer: (supergraphSdl: string) => Promise<ReloadOutcome>;
  /** `degraded` while a newer supergraph stands refused, or none can be read. */
  readonly health: () => HealthReport;
  readonly stop: () => Promise<void>;
}

/** Keeps a gateway's supergraph what its source says. */
export function createReload(options: ReloadOptions): Reload {
  const { source, log } = options;
  /** Since when. */
  const stale: { refused: string | null; unreadable: string | null } = { refused: null, unreadable: null };
  let last: Promise<unknown> = Promise.resolve();
  let isStopped = false;

  const offer: Reload['offer'] = (sdl) => {
    const outcome = last.then(async (): Promise<ReloadOutcome> => {
      if (isStopped) return 'refused';
      try {
        const taken = await takeOver(options, sdl);
        stale.refused = null;
        return taken;
      } catch (error) {
        stale.refused ??= new Date().toISOString();
        reloads.inc({ outcome: 'refused' });
        log.error({ err: error }, 'a new supergraph is refused; the one before goes on');
        return 'refused';
      }
    });
    last = outcome;
    return outcome;
  };
  const readAgain = async (): Promise<void> => {
    try {
      const sdl = await source?.read();
      stale.unreadable = null;
      if (typeof sdl === 'string') await offer(sdl);
    } catch (error) {
      reloads.inc({ outcome: 'unreadable' });
      // Asked again and again, told once.
      if (!stale.unreadable) log.error({ err: error }, 'the supergraph cannot be read; the one before goes on');
      stale.unreadable ??= new Date().toISOString();
    }
  };
  const unwatch = source?.watch(oneByOne(readAgain));
  return {
    offer,
    health: () => {
      const since = stale.refused ?? stale.unreadable;
      return since ? { status: 'degraded', detail: `stale since ${since}` } : { status: 'up' };
    },
    stop: async () => {
      isStopped = true;
      unwatch?.();
      await last;
    },
  };
}

/** Loads and checks a supergraph, opens ways to its subgraphs, and has the pipeline take it. Throws where it cannot be served. */
async function takeOver(
  { pipeline, load, transports, listeners, log }: ReloadOptions,
  sdl: string,
): Promise<ReloadOutcome> {
  const before = pipeline.graph();
  if (before.sdl === sdl) return 'same';
  const startedAt = performance.now();
  const graph = await load(sdl);
  transports.adopt(graph.subgraphs);
  await pipeline.take(graph);
  for (const listener of listeners) await listener();
  transports.retire(graph.subgraphs);
  reloads.inc({ outcome: 'taken' });
  const milliseconds = Math.round(performance.now() - startedAt);
  log.info({ from: before.id, to: graph.id, milliseconds }, 'a new supergraph is served');
  return 'taken';
}

/** What is called while it runs runs once more afterwards: the change may have come after the look. */
function oneByOne(work: () => Promise<void>): () => void {
  let isRunning = false;
  let isWanted = false;
  const run = async (): Promise<void> => {
    isRunning = true;
    do {
      isWanted = false;
      await work();
    } while (isWanted);
    isRunning = false;
  };
  return () => {
    isWanted = true;
    if (!isRunning) void run();
  };
}
