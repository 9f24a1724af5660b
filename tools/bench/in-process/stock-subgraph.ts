/** `stock-subgraph.ts NAME`: one of the schemas behind a stock Apollo Server on PORT. */
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { type BenchContext, contextFor, schemaOf } from './data.ts';
import { subgraphNames } from './graph.ts';
import { viewerIdOf } from './viewer.ts';

const name = subgraphNames.find((one) => one === process.argv[2]);
if (!name) throw new Error(`usage: stock-subgraph.ts ${subgraphNames.join('|')}`);
const server = new ApolloServer<BenchContext>({ schema: schemaOf(name), stopOnTerminationSignals: false });
const { url } = await startStandaloneServer(server, {
  listen: { host: '127.0.0.1', port: Number(process.env['PORT']) },
  context: ({ req }) => Promise.resolve(contextFor(viewerIdOf(req.headers.authorization))),
});
process.once('SIGTERM', () => void server.stop().then(() => process.exit(0)));
process.stdout.write(`ready ${url}\n`);
