import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { gatewaySettings } from 'gateway/config';
import { httpTransport } from 'gateway/transport/http';
import { subgraphs } from 'subgraphs/start';
import type { Environment } from './config.ts';
import { LocalError } from './errors.ts';
import type { Graph } from './in-process.ts';
import { freePort } from './port.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const START_MS = 60_000;
const STOP_MS = 9000;
const RESTART_MS = 500;

interface Supervised {
  readonly name: string;
  readonly child: () => ChildProcess | null;
  readonly stop: () => Promise<void>;
}

/** One process for each subgraph and one for the gateway, each restarted when it dies. */
export async function startDistributed(
  environment: Environment,
  workers = 1,
): Promise<Graph & { readonly processes: readonly Supervised[] }> {
  const settings = gatewaySettings(environment);
  const addresses: Record<string, string> = {};
  const ports: Record<string, number> = {};
  const processes: Supervised[] = [];
  const stop = async (): Promise<void> => {
    // The gateway first: what it has begun, the subgraphs still answer.
    await processes.find((one) => one.name === 'gateway')?.stop();
    await Promise.all(processes.map((one) => one.stop()));
  };
  try {
    for (const { name } of subgraphs) {
      const port = await freePort();
      ports[name] = port;
      addresses[name] = `http://127.0.0.1:${port}/graphql`;
    }
    const urls = Object.fromEntries(
      Object.entries(addresses).map(([name, url]) => [`SUBGRAPH_${name.toUpperCase()}_URL`, url]),
    );
    const gateway = ['gateway/index.ts', '--supergraph', 'schema/supergraph.graphql', '--config', 'gateway.config.ts'];
    if (workers > 1) gateway.push('--workers', String(workers));
    const starts = subgraphs.map(({ name }) => {
      const own = { ...environment, HOST: '127.0.0.1', PORT: String(ports[name]) };
      return supervise(name, ['subgraphs/start.ts', name], own);
    });
    starts.push(supervise('gateway', gateway, { ...environment, ...urls }));
    const outcomes = await Promise.allSettled(starts);
    for (const outcome of outcomes) if (outcome.status === 'fulfilled') processes.push(outcome.value);
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  } catch (error) {
    await stop();
    throw error;
  }
  const transports = Object.fromEntries(
    Object.entries(addresses).map(([name, url]) => [
      name,
      httpTransport({
        name,
        url,
        secret: settings.HOP_SECRET,
        timeoutSeconds: settings.SUBGRAPH_TIMEOUT_SECONDS,
        responseLimitBytes: settings.SUBGRAPH_RESPONSE_LIMIT_BYTES,
        connections: 2,
      }),
    ]),
  );
  return {
    url: `http://${settings.HOST}:${settings.PORT}/graphql`,
    transports,
    processes,
    stop: async () => {
      await Promise.all(Object.values(transports).map((transport) => transport.close()));
      await stop();
    },
  };
}

/** Starts a command, resolves at its line `ready …`, and starts it again whenever it ends by itself. */
async function supervise(name: string, command: readonly string[], environment: Environment): Promise<Supervised> {
  let child: ChildProcess | null = null;
  let isStopping = false;
  const start = async (): Promise<void> => {
    const started = spawn(process.execPath, [...command], {
      cwd: root,
      env: environment,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    child = started;
    try {
      await ready(name, started);
    } catch (error) {
      // One that is late would go on by itself, and nobody would know of it.
      started.kill('SIGKILL');
      throw error;
    }
    started.once('exit', () => void again());
  };
  const again = async (): Promise<void> => {
    while (!isStopping) {
      await new Promise((resolve) => setTimeout(resolve, RESTART_MS));
      if (isStopping) return;
      process.stderr.write(`${name} ended; starting it again\n`);
      if (
        await start().then(
          () => true,
          () => false,
        )
      )
        return;
    }
  };
  await start();
  return {
    name,
    child: () => child,
    stop: async () => {
      isStopping = true;
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      const force = setTimeout(() => child?.kill('SIGKILL'), STOP_MS);
      await ended;
      clearTimeout(force);
    },
  };
}

async function ready(name: string, child: ChildProcess): Promise<void> {
  const lines = child.stdout ? createInterface({ input: child.stdout }) : null;
  let timer: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      timer = setTimeout(() => reject(new LocalError(`${name} was not ready within ${START_MS / 1000} s`)), START_MS);
      child.once('exit', (code, signal) =>
        reject(new LocalError(`${name} did not start (${signal ?? `exit code ${code}`}); its reason stands above`)),
      );
      lines?.on('line', (line) => line.startsWith('ready') && resolve());
    });
  } finally {
    clearTimeout(timer);
  }
}
