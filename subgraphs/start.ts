import { parseArgs } from 'node:util';
import { ConfigError, parseConfig, port } from 'kit/config';
import { serveSubgraph } from 'kit/http';
import { startSubgraph } from 'kit/running';
import { z } from 'zod';
import { content } from './content/subgraph.ts';
import { users } from './users/subgraph.ts';

/** The five subgraphs; this is the only file that names them all. */
export const subgraphs = [users, content] as const;

/** Where `supergraph.yaml` expects them on one machine. */
const FIRST_PORT = 4101;

const config = {
  HOST: z.string().default('127.0.0.1'),
  HOP_SECRET: z.string().min(16, 'at least 16 characters, the same as the gateway has'),
};

/** `start.ts content` serves one subgraph, `start.ts` all of them, each on its own port. */
async function main(): Promise<void> {
  const { positionals } = parseArgs({ allowPositionals: true });
  const unknown = positionals.filter((name) => !subgraphs.some((subgraph) => subgraph.name === name));
  if (unknown.length > 0) throw new ConfigError(`no subgraph ${unknown.join(', ')}; there are ${subgraphs.map((one) => one.name).join(', ')}`);
  const settings = parseConfig(config, process.env);
  const chosen = subgraphs.filter((one) => positionals.length === 0 || positionals.includes(one.name));
  const stops: (() => Promise<void>)[] = [];
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => void Promise.all(stops.map((stop) => stop())).then(() => process.exit(0)));
  }
  for (const definition of chosen) {
    const name = `${definition.name.toUpperCase()}_DATABASE_URL`;
    const own = parseConfig({ [name]: z.string(`set ${name}`), PORT: port(FIRST_PORT + subgraphs.indexOf(definition)) }, process.env);
    const running = await startSubgraph(definition, { databaseUrl: String(own[name]), environment: process.env });
    const server = await serveSubgraph(running, {
      host: settings.HOST,
      port: chosen.length === 1 ? Number(own.PORT) : FIRST_PORT + subgraphs.indexOf(definition),
      hopSecret: settings.HOP_SECRET,
    });
    stops.push(async () => {
      await server.stop();
      await running.stop();
    });
    process.stdout.write(`ready ${definition.name} ${server.url}\n`);
  }
}

if (import.meta.main) {
  await main().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  });
}
