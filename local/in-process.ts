import { readFileSync } from 'node:fs';
import { gatewaySettings } from 'gateway/config';
import { createGateway } from 'gateway/gateway';
import { inProcess } from 'gateway/transport/in-process';
import { createLogger } from 'kit/logger';
import type { Transport } from 'kit/request';
import { type Health, type RunningSubgraph, startSubgraph } from 'kit/running';
import { subgraphs } from 'subgraphs/start';
import { createHooks } from '../gateway.config.ts';
import { databaseVariable } from './stores.ts';
import type { Environment } from './config.ts';

/** The whole graph, answering. */
export interface Graph {
  readonly url: string;
  readonly transports: Readonly<Record<string, Transport>>;
  readonly stop: () => Promise<void>;
}

export const supergraphSdl = (): string =>
  readFileSync(new URL('../schema/supergraph.graphql', import.meta.url), 'utf8');

/** Gateway and all subgraphs in this process: a fetch is a function call. */
export async function startInProcess(
  environment: Environment,
): Promise<Graph & { readonly running: readonly RunningSubgraph[] }> {
  const settings = gatewaySettings(environment);
  const running: RunningSubgraph[] = [];
  const stopSubgraphs = async (): Promise<void> => {
    await Promise.all(running.map((subgraph) => subgraph.stop()));
  };
  try {
    for (const definition of subgraphs) {
      const databaseUrl = environment[databaseVariable(definition.name)] ?? '';
      running.push(await startSubgraph(definition, { databaseUrl, environment }));
    }
    const transports = Object.fromEntries(running.map((subgraph) => [subgraph.name, inProcess(subgraph.execute)]));
    const gateway = await createGateway({
      supergraphSdl: supergraphSdl(),
      transports,
      settings,
      environment,
      hooks: createHooks,
      health: Object.fromEntries(running.map((subgraph) => [subgraph.name, () => subgraph.health().then(reportOf)])),
      logger: createLogger('gateway', settings.LOG_LEVEL),
    });
    const stop = async (): Promise<void> => {
      await gateway.stop();
      await stopSubgraphs();
    };
    return { url: gateway.url, transports, running, stop };
  } catch (error) {
    await stopSubgraphs();
    throw error;
  }
}

function reportOf({ status, dependencies }: Health) {
  const away = Object.keys(dependencies).filter((name) => dependencies[name] === 'away');
  return {
    status: status === 'ok' ? ('up' as const) : status,
    ...(away.length > 0 ? { detail: `${away.join(', ')} away` } : {}),
  };
}
