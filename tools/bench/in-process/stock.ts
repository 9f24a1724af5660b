/** The stock set-up: a gateway on PORT, and a process per subgraph. */
import { freePort } from 'local/port';
import { type Child, startChild, stopChildren } from '../child.ts';
import { subgraphNames } from './graph.ts';

const children: Child[] = [];
process.once('SIGTERM', () => void stopChildren(children).then(() => process.exit(0)));

const start = async (script: string, args: readonly string[], port: string): Promise<string> => {
  const child = await startChild(`tools/bench/in-process/${script}`, args, { ...process.env, PORT: port });
  children.push(child);
  return child.url;
};
try {
  const urls: string[] = [];
  for (const name of subgraphNames)
    urls.push(`${name}=${await start('stock-subgraph.ts', [name], String(await freePort()))}`);
  const url = await start('stock-gateway.ts', urls, process.env['PORT'] ?? '');
  process.stdout.write(`ready ${url}\n`);
} catch (error) {
  await stopChildren(children);
  throw error;
}
