/** A stock Apollo Server over a stock Apollo Gateway on PORT, its subgraphs where SUBGRAPH_<NAME>_URL says. */
import { readFileSync } from 'node:fs';
import { ApolloGateway, RemoteGraphQLDataSource } from '@apollo/gateway';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { withoutEnforced } from './supergraph.ts';
import { viewerIdIn, VIEWER_HEADER } from './viewer.ts';

interface StockContext {
  readonly viewerId: string | null;
}

const supergraphSdl = readFileSync(new URL('../../../schema/supergraph.graphql', import.meta.url), 'utf8');
const gateway = new ApolloGateway({
  supergraphSdl: withoutEnforced(supergraphSdl),
  buildService: ({ name, url }) =>
    new RemoteGraphQLDataSource<StockContext>({
      url: process.env[`SUBGRAPH_${name.toUpperCase()}_URL`] ?? url ?? '',
      willSendRequest: ({ request, context }) => {
        const { viewerId } = context as StockContext;
        if (viewerId !== null && viewerId !== undefined) request.http?.headers.set(VIEWER_HEADER, viewerId);
      },
    }),
});
const server = new ApolloServer<StockContext>({ gateway, stopOnTerminationSignals: false });
const { url } = await startStandaloneServer(server, {
  listen: { host: '127.0.0.1', port: Number(process.env['PORT']) },
  context: ({ req }) => Promise.resolve({ viewerId: viewerIdIn(req.headers) }),
});
process.once('SIGTERM', () => void server.stop().then(() => process.exit(0)));
process.stdout.write(`ready ${url}\n`);
