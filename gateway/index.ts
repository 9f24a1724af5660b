import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { createLogger } from 'kit/logger';
import { gatewaySettings, processEnvironment, subgraphUrl, type GatewaySettings } from './config.ts';
import { createGateway } from './gateway.ts';
import type { CreateHooks } from './hooks.ts';
import { subgraphsOf } from './graph/supergraph.ts';
import { httpTransport, type HttpTransport } from './transport/http.ts';

const USAGE = 'usage: gateway --supergraph FILE [--port N] [--config FILE]';

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { supergraph: { type: 'string' }, port: { type: 'string' }, config: { type: 'string' } },
  });
  if (!values.supergraph) throw new Error(USAGE);
  const environment = processEnvironment(values.port ? { PORT: values.port } : {});
  const settings = gatewaySettings(environment);
  const supergraphSdl = await readFile(values.supergraph, 'utf8');
  const transports = Object.fromEntries(
    subgraphsOf(supergraphSdl).map(({ name, url }) => [
      name,
      transportTo(name, subgraphUrl(name, url, environment), settings),
    ]),
  );
  const health = Object.fromEntries(Object.entries(transports).map(([name, transport]) => [name, transport.health]));
  const hooks = values.config ? await loadHooks(values.config) : undefined;
  const logger = createLogger('gateway', settings.LOG_LEVEL);
  const gateway = await createGateway({ supergraphSdl, transports, health, settings, logger, hooks, environment });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => void gateway.stop().then(() => process.exit(0)));
  }
  process.stdout.write(`ready ${gateway.url}\n`);
}

function transportTo(name: string, url: string, settings: GatewaySettings): HttpTransport {
  return httpTransport({
    name,
    url,
    secret: settings.HOP_SECRET,
    timeoutSeconds: settings.SUBGRAPH_TIMEOUT_SECONDS,
    responseLimitBytes: settings.SUBGRAPH_RESPONSE_LIMIT_BYTES,
    connections: settings.SUBGRAPH_CONNECTIONS,
  });
}

async function loadHooks(file: string): Promise<CreateHooks> {
  const module = (await import(pathToFileURL(resolve(file)).href)) as { createHooks?: CreateHooks };
  if (!module.createHooks) throw new Error(`${file} exports no createHooks`);
  return module.createHooks;
}

await main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
