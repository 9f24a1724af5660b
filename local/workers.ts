import { fileURLToPath } from 'node:url';
import { gatewaySettings } from 'gateway/config';
import { startWorkers } from 'gateway/workers';
import { subgraphs } from 'subgraphs/start';
import type { Environment } from './config.ts';

/** What the embedded PostgreSQL has to give, but for a few kept back for tools. */
const CONNECTIONS = 90;
const LARGEST_POOL = 8;

/** Several processes behind one port, each the gateway with all subgraphs in it, on the same stores. */
export async function startWorkersInProcess(
  count: number,
  environment: Environment,
  log: (line: string) => void,
): Promise<{ readonly url: string; readonly stop: () => Promise<void> }> {
  const poolSize = Math.max(1, Math.min(LARGEST_POOL, Math.floor(CONNECTIONS / (count * subgraphs.length))));
  return startWorkers({
    count,
    program: fileURLToPath(new URL('./worker.ts', import.meta.url)),
    parameters: [],
    environment: { DATABASE_POOL_SIZE: String(poolSize), ...environment },
    stopSeconds: gatewaySettings(environment).STOP_GRACE_SECONDS + 1,
    log,
  });
}
