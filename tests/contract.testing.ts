/**
 * Starts every subgraph on the databases given as JSON by name, asks each for its health, and stops them. Nothing ends the
 * process: it is over by itself when nothing was left open.
 */
import { serveSubgraph } from 'kit/http';
import { startSubgraph } from 'kit/running';
import { subgraphs } from '../subgraphs/start.ts';

const databases = JSON.parse(process.argv[2] ?? '{}') as Record<string, string>;
for (const definition of subgraphs) {
  const running = await startSubgraph(definition, {
    databaseUrl: String(databases[definition.name]),
    environment: process.env,
  });
  const server = await serveSubgraph(running, { host: '127.0.0.1', port: 0, hopSecret: 'of this test alone' });
  const { status } = await running.health();
  const response = await fetch(server.url, { method: 'POST', body: '{}' });
  await server.stop();
  await running.stop();
  process.stdout.write(`${definition.name} ${status} ${response.status}\n`);
}
