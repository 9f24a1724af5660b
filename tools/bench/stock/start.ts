/** The stock set-up in six processes, as `npm start -- --distributed` has ours: a gateway on PORT, and a process per subgraph. */
import { subgraphs } from 'subgraphs/start';
import { freePort } from 'local/port';
import { type Child, startChild, stopChildren } from '../child.ts';

const children: Child[] = [];
process.once('SIGTERM', () => void stopChildren(children).then(() => process.exit(0)));

const { PORT, ...environment } = process.env;
const addresses: Record<string, string> = {};
try {
  for (const { name } of subgraphs) {
    const port = await freePort();
    children.push(await startChild('tools/bench/stock/subgraph.ts', [name], { ...environment, PORT: String(port) }));
    addresses[`SUBGRAPH_${name.toUpperCase()}_URL`] = `http://127.0.0.1:${port}/`;
  }
  const gateway = await startChild('tools/bench/stock/gateway.ts', [], { ...environment, ...addresses, PORT });
  children.push(gateway);
  process.stdout.write(`ready ${gateway.url}\n`);
} catch (error) {
  await stopChildren(children);
  throw error;
}
