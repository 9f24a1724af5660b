/** `subgraph.ts NAME`: one of our schemas, with its own resolvers and loaders, behind a stock Apollo Server on PORT. */
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import type { Context } from 'kit/context';
import { startSubgraph } from 'kit/running';
import { environment, readDatabaseUrl } from 'subgraphs/config';
import { subgraphs } from 'subgraphs/start';
import { viewerIdIn, viewerOf } from './viewer.ts';

const name = process.argv[2];
const definition = subgraphs.find((one) => one.name === name);
if (!definition) throw new Error(`there is no subgraph ${name}`);

const running = await startSubgraph(definition, { databaseUrl: readDatabaseUrl(definition.name), environment });
const server = new ApolloServer<Context>({ schema: definition.schema, stopOnTerminationSignals: false });
const { url } = await startStandaloneServer(server, {
  listen: { host: '127.0.0.1', port: Number(environment['PORT']) },
  context: ({ req }) => Promise.resolve(running.contextFor(viewerOf(viewerIdIn(req.headers)))),
});
process.once(
  'SIGTERM',
  () =>
    void server
      .stop()
      .then(running.stop)
      .then(() => process.exit(0)),
);
process.stdout.write(`ready ${url}\n`);
