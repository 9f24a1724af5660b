import cluster from 'node:cluster';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { createLogger } from 'kit/logger';
import { gatewaySettings, processEnvironment, subgraphUrl, type GatewaySettings } from './config.ts';
import type { CreateHooks } from './hooks.ts';
import { createUpstreamOf } from './subscriptions/upstream-address.ts';
import { announce, leave, listen } from './worker.ts';

const USAGE = 'usage: gateway --supergraph FILE|URL [--port N] [--config FILE] [--workers N] [--telemetry]';

type Environment = Readonly<Record<string, string | undefined>>;

interface CommandLine {
  readonly supergraph: string;
  readonly config: string | undefined;
  readonly workers: number;
  readonly environment: Environment;
  readonly settings: GatewaySettings;
}

function readCommandLine(): CommandLine {
  const text = { type: 'string' } as const;
  const options = {
    supergraph: text,
    port: text,
    config: text,
    workers: text,
    telemetry: { type: 'boolean' },
  } as const;
  const { values } = parseArgs({ options });
  const { supergraph, port, config, workers = '1', telemetry } = values;
  if (!supergraph) throw new Error(USAGE);
  if (!/^[1-9]\d{0,2}$/.test(workers)) throw new Error(`--workers takes a number from 1 to 999\n${USAGE}`);
  const environment = processEnvironment({
    ...(port ? { PORT: port } : {}),
    ...(telemetry ? { TELEMETRY: 'on' } : {}),
  });
  return { supergraph, config, workers: Number(workers), environment, settings: gatewaySettings(environment) };
}

async function main(): Promise<void> {
  const commandLine = readCommandLine();
  if (commandLine.workers > 1 && cluster.isPrimary) return supervise(commandLine);
  return serve(commandLine);
}

async function supervise({ workers: count, settings, environment }: CommandLine): Promise<void> {
  const { startWorkers } = await import('./workers.ts');
  const workers = await startWorkers({
    count,
    program: fileURLToPath(import.meta.url),
    parameters: process.argv.slice(2),
    environment,
    stopSeconds: settings.STOP_GRACE_SECONDS + 1,
    log: (line) => process.stderr.write(`${line}\n`),
  });
  onSignals(workers.stop);
  process.on('SIGHUP', () => void workers.restart());
  announce(workers.url);
}

async function serve({ supergraph, config, environment, settings }: CommandLine): Promise<void> {
  listen();
  const endTelemetry = isTelemetryOn(settings, environment) ? await startTelemetry() : undefined;
  const { supergraphSource } = await import('./graph/source.ts');
  const { createGateway } = await import('./gateway.ts');
  const source = supergraphSource(supergraph, {
    pollSeconds: settings.SUPERGRAPH_POLL_SECONDS,
    timeoutSeconds: settings.SUPERGRAPH_TIMEOUT_SECONDS,
    limitBytes: settings.SUPERGRAPH_LIMIT_BYTES,
    authorization: settings.SUPERGRAPH_AUTHORIZATION,
  });
  const gateway = await createGateway({
    supergraphSdl: (await source.read()) ?? '',
    source,
    transports: {},
    connect: await connectBy(settings, environment),
    upstreamOf: createUpstreamOf(settings.HOP_SECRET !== null, environment),
    settings,
    logger: createLogger('gateway', settings.LOG_LEVEL),
    hooks: config ? await loadHooks(config) : undefined,
    environment,
  });
  onSignals(async () => {
    await gateway.stop();
    await Promise.all([leave(), endTelemetry?.()]);
  });
  announce(gateway.url);
}

/** Opens HTTP connections to whatever subgraph a supergraph names, at its own address or where the environment says. */
async function connectBy(settings: GatewaySettings, environment: Environment) {
  const { httpTransport } = await import('./transport/http.ts');
  return ({ name, url }: { readonly name: string; readonly url: string }) =>
    httpTransport({
      name,
      url: subgraphUrl(name, url, environment),
      secret: settings.HOP_SECRET,
      timeoutSeconds: settings.SUBGRAPH_TIMEOUT_SECONDS,
      responseLimitBytes: settings.SUBGRAPH_RESPONSE_LIMIT_BYTES,
      connections: settings.SUBGRAPH_CONNECTIONS,
      breaker: {
        thresholdPercent: settings.BREAKER_THRESHOLD_PERCENT,
        windowSeconds: settings.BREAKER_WINDOW_SECONDS,
        minimumPerSecond: settings.BREAKER_MINIMUM_PER_SECOND,
        halfOpenSeconds: settings.BREAKER_HALF_OPEN_SECONDS,
      },
    });
}

async function loadHooks(file: string): Promise<CreateHooks> {
  const module = (await import(pathToFileURL(resolve(file)).href)) as { createHooks?: CreateHooks };
  if (!module.createHooks) throw new Error(`${file} exports no createHooks`);
  return module.createHooks;
}

const isTelemetryOn = ({ TELEMETRY }: GatewaySettings, environment: Environment): boolean =>
  TELEMETRY === undefined ? Boolean(environment['OTEL_EXPORTER_OTLP_ENDPOINT']) : TELEMETRY === 'on';

/** Before anything is made: what is made looks once whether spans are wanted. */
async function startTelemetry(): Promise<() => Promise<void>> {
  const { startSdk } = await import('./telemetry/sdk.ts');
  return startSdk();
}

function onSignals(stop: () => Promise<void>): void {
  let stopping: Promise<void> | undefined;
  // A terminal tells every process of a group, and a primary its workers once more.
  const end = (): void => void (stopping ??= stop().then(() => process.exit(0)));
  process.on('SIGTERM', end).on('SIGINT', end);
}

await main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
