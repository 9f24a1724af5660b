/** `stock-gateway.ts NAME=URL…`: a stock Apollo Server, standalone, over a stock Apollo Gateway with its default data source, on PORT. */
import { ApolloGateway, RemoteGraphQLDataSource } from '@apollo/gateway';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { composeSupergraph } from './graph.ts';
import { authorizationOf, viewerIdOf } from './viewer.ts';

interface StockContext {
  readonly viewerId?: string | null;
}

const urls = new Map(process.argv.slice(2).map((argument) => argument.split('=') as [string, string]));
const gateway = new ApolloGateway({
  supergraphSdl: composeSupergraph((name) => urls.get(name) ?? ''),
  buildService: ({ url }) =>
    new RemoteGraphQLDataSource<StockContext>({
      url: url ?? '',
      willSendRequest: ({ request, context }) => {
        const { viewerId } = context as StockContext;
        if (viewerId != null) request.http?.headers.set('authorization', authorizationOf(viewerId));
      },
    }),
});
const server = new ApolloServer<StockContext>({ gateway, stopOnTerminationSignals: false });
const { url } = await startStandaloneServer(server, {
  listen: { host: '127.0.0.1', port: Number(process.env['PORT']) },
  context: ({ req }) => Promise.resolve({ viewerId: viewerIdOf(req.headers.authorization) }),
});
process.once('SIGTERM', () => void server.stop().then(() => process.exit(0)));
process.stdout.write(`ready ${url}\n`);
