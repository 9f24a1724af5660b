import { parseArgs } from 'node:util';
import { ConfigError } from 'kit/config';
import { serveSubgraph } from 'kit/http';
import { startSubgraph } from 'kit/running';
import { environment, FIRST_PORT, readDatabaseUrl, readServing } from './config.ts';
import { content } from './content/subgraph.ts';
import { engagement } from './engagement/subgraph.ts';
import { insights } from './insights/subgraph.ts';
import { search } from './search/subgraph.ts';
import { users } from './users/subgraph.ts';

/** The five subgraphs; this is the only file that names them all. */
export const subgraphs = [users, content, engagement, search, insights] as const;

/** `start.ts content` serves one subgraph, `start.ts` all of them, each on its own port. */
async function main(): Promise<void> {
  const { positionals } = parseArgs({ allowPositionals: true });
  const unknown = positionals.filter((name) => !subgraphs.some((subgraph) => subgraph.name === name));
  if (unknown.length > 0)
    throw new ConfigError(
      `no subgraph ${unknown.join(', ')}; there are ${subgraphs.map((one) => one.name).join(', ')}`,
    );
  const chosen = subgraphs.filter((one) => positionals.length === 0 || positionals.includes(one.name));
  const stops: (() => Promise<void>)[] = [];
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => void Promise.all(stops.map((stop) => stop())).then(() => process.exit(0)));
  }
  for (const definition of chosen) {
    const index = subgraphs.indexOf(definition);
    const { HOST, HOP_SECRET, PORT } = readServing(index);
    const running = await startSubgraph(definition, { databaseUrl: readDatabaseUrl(definition.name), environment });
    // One on its own listens where PORT says, several each on their own port.
    const listening = chosen.length === 1 ? PORT : FIRST_PORT + index;
    const server = await serveSubgraph(running, { host: HOST, port: listening, hopSecret: HOP_SECRET });
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
