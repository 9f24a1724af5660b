/** `stock.ts FILE`: a stock Apollo Server, standalone, over a stock Apollo Gateway with its default data source, on PORT. */
import { readFileSync } from 'node:fs';
import { ApolloGateway } from '@apollo/gateway';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { GraphQLError } from 'graphql';
import type { JSONWebKeySet } from 'jose';
import { type Claims, createTokenCheck, KEYS_VARIABLE } from './token.ts';

interface StockContext {
  readonly claims: Claims | null;
}

const file = process.argv[2];
if (!file) throw new Error('usage: stock.ts SUPERGRAPH_FILE');
const check = createTokenCheck(JSON.parse(process.env[KEYS_VARIABLE] ?? '{"keys":[]}') as JSONWebKeySet);
const gateway = new ApolloGateway({ supergraphSdl: readFileSync(file, 'utf8') });
const server = new ApolloServer<StockContext>({ gateway, stopOnTerminationSignals: false });
const { url } = await startStandaloneServer(server, {
  listen: { host: '127.0.0.1', port: Number(process.env['PORT']) },
  context: async ({ req }) => {
    const claims = await check(req.headers.authorization ?? null).catch(() => {
      throw new GraphQLError('That access token is not good.', { extensions: { code: 'UNAUTHENTICATED' } });
    });
    return { claims };
  },
});
process.once('SIGTERM', () => void server.stop().then(() => process.exit(0)));
process.stdout.write(`ready ${url}\n`);
