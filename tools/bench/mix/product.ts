import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { freePort } from 'local/port';
import { type Child, startChild } from '../child.ts';
import type { Stops } from '../stops.ts';
import { startBenchStores } from '../stores.ts';
import type { Job, RunResult } from './generator.ts';
import { enterWorld, fillWorld } from './world.ts';

/** What the product serves in the benches of a mix, beside what every bench sets. */
const SETTINGS = {
  FETCH_SHARING: 'on',
  RESPONSE_CACHE: 'on',
  ENTITY_CACHE: 'on',
  RATE_ANONYMOUS_REQUESTS: '1000000000',
  RATE_ANONYMOUS_COST: '1000000000000',
  LIMIT_VOTES_PER_HOUR: '100000000',
  LIMIT_COMMENTS_PER_HOUR: '100000000',
};

/** Whoever reads the metrics of a bench's product. */
export const METRICS_TOKEN = 'a token of the bench';

export interface MixProduct {
  readonly product: Child;
  /** One run of the load generator against it. */
  readonly run: (job: Omit<Extract<Job, { kind: 'run' }>, 'kind'>) => Promise<RunResult>;
}

interface MixProductOptions {
  readonly connections: number;
  readonly log: (line: string) => void;
  /** Where each process leaves a CPU profile at its end; null for none. */
  readonly profileFolder: string | null;
}

/** The product with two workers on filled stores of its own, and a load generator connected to it. */
export async function startMixProduct(stops: Stops, options: MixProductOptions): Promise<MixProduct> {
  const { connections, log, profileFolder } = options;
  const stores = await startBenchStores(log);
  stops.push(stores.stop);
  log('filling');
  const postIds = await fillWorld(stores);
  const product = await startChild('local/start.ts', ['--workers', '2'], {
    ...stores.environment,
    ...SETTINGS,
    METRICS_TOKEN,
    PORT: String(await freePort()),
    DATA_DIR: join(stores.folder, 'product'),
    ...(profileFolder === null ? {} : { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${profileFolder}` }),
  });
  stops.push(product.stop);
  const world = await enterWorld(product.url, postIds);
  const generator = startGenerator();
  stops.push(generator.stop);
  const { hostname: host, port } = new URL(product.url);
  await generator.ask({ kind: 'open', host, port: Number(port), connections, world });
  return { product, run: async (job) => (await generator.ask({ kind: 'run', ...job })) as RunResult };
}

function startGenerator() {
  const child = fork(new URL('./generator.ts', import.meta.url), { execArgv: [] });
  return {
    ask: async (job: Job): Promise<unknown> => {
      child.send(job);
      const [answer] = (await once(child, 'message')) as [unknown];
      if (typeof answer === 'object' && answer !== null && 'failed' in answer) throw new Error(String(answer.failed));
      return answer;
    },
    stop: () => {
      if (child.connected) child.disconnect();
    },
  };
}
