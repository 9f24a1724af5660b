import { fileURLToPath } from 'node:url';
import { gatewaySettings } from 'gateway/config';
import { startWorkers } from 'gateway/workers';
import type { Environment } from './config.ts';
import { poolSizeFor } from './connections.ts';

/** Several processes behind one port, each the gateway with all subgraphs in it, on the same stores. */
export async function startWorkersInProcess(
  count: number,
  environment: Environment,
  log: (line: string) => void,
): Promise<{ readonly url: string; readonly stop: () => Promise<void> }> {
  return startWorkers({
    count,
    program: fileURLToPath(new URL('./worker.ts', import.meta.url)),
    parameters: [],
    environment: { ...environment, DATABASE_POOL_SIZE: String(poolSizeFor(count, environment)) },
    stopSeconds: gatewaySettings(environment).STOP_GRACE_SECONDS + 1,
    log,
  });
}
