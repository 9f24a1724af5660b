import type { Context } from 'kit/context';
import { defineFeature, payload } from 'kit/feature';
import { checkId } from 'kit/ids';
import type { PageArguments } from 'kit/page';
import { anyone, defineRules, gatewayOnly, signedIn, signedInUnverified } from 'kit/rules';
import { graphqlFile } from 'kit/subgraph';
import { Users0003 } from '../migrations/0003-sessions.ts';
import { refreshSession } from './refresh.actions.ts';
import { endSession, logout, logoutEverywhere } from './session.actions.ts';
import { sessionsForget } from './session.jobs.ts';
import { sessionStateById } from './session.loaders.ts';
import { type SessionRow, sessionsOfViewer } from './session.queries.ts';

export const session = defineFeature({
  name: 'session',
  typeDefs: graphqlFile(import.meta.url, 'session.graphql'),
  migrations: [{ name: '0003-sessions', class: Users0003 }],
  rules: defineRules({
    Query: { sessionState: gatewayOnly, sessions: signedIn },
    Mutation: {
      refreshSession: anyone,
      logout: signedInUnverified,
      logoutEverywhere: signedInUnverified,
      endSession: signedInUnverified,
    },
  }),
  resolvers: {
    Query: {
      sessionState: (_: unknown, { id }: { id: string }, ctx: Context) => sessionStateById(ctx, checkId('session', id)),
      sessions: (_: unknown, page: PageArguments, ctx: Context) => sessionsOfViewer(ctx, page),
    },
    Mutation: {
      refreshSession: payload(refreshSession),
      logout: payload(logout),
      logoutEverywhere: payload(logoutEverywhere),
      endSession: payload(endSession),
    },
    Session: {
      isCurrent: ({ id }: SessionRow, _args: unknown, ctx: Context) => id === ctx.viewer.sessionId,
    },
  },
  jobs: [sessionsForget],
});
