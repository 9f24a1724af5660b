import type { Context } from 'kit/context';
import { defineFeature, payload } from 'kit/feature';
import { checkId } from 'kit/ids';
import { anyone, defineRules, gatewayOnly, signedIn } from 'kit/rules';
import { graphqlFile } from 'kit/subgraph';
import { Users0003 } from '../migrations/0003-sessions.ts';
import { login, logout, refreshSession } from './session.actions.ts';
import { sessionSchema } from './session.entity.ts';
import { keysOf, prepareKeys } from './session.keys.ts';
import { sessionStateById } from './session.loaders.ts';

export const session = defineFeature({
  name: 'session',
  typeDefs: graphqlFile(import.meta.url, 'session.graphql'),
  entities: [sessionSchema],
  migrations: [{ name: '0003-sessions', class: Users0003 }],
  rules: defineRules({
    Query: { sessionState: gatewayOnly, jsonWebKeySet: gatewayOnly },
    Mutation: { login: anyone, refreshSession: anyone, logout: signedIn },
  }),
  resolvers: {
    Query: {
      sessionState: (_: unknown, { id }: { id: string }, ctx: Context) => sessionStateById(ctx, checkId('session', id)),
      jsonWebKeySet: async (_: unknown, _args: unknown, ctx: Context) => JSON.stringify((await keysOf(ctx)).jwks),
    },
    Mutation: {
      login: payload(login),
      refreshSession: payload(refreshSession),
      logout: payload(logout),
    },
  },
  prepare: prepareKeys,
});
