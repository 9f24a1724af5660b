import type { Context } from 'kit/context';
import { defineFeature, payload } from 'kit/feature';
import type { PageArguments } from 'kit/page';
import { defineRules, signedIn } from 'kit/rules';
import { graphqlFile } from 'kit/subgraph';
import { Users0005 } from '../migrations/0005-people.ts';
import { blockUser, unblockUser } from './block.actions.ts';
import { userBlocked, userUnblocked } from './block.events.ts';
import { blockedUsers } from './block.queries.ts';

export const block = defineFeature({
  name: 'block',
  typeDefs: graphqlFile(import.meta.url, 'block.graphql'),
  migrations: [{ name: '0005-people', class: Users0005 }],
  rules: defineRules({
    Query: { blockedUsers: signedIn },
    Mutation: { blockUser: signedIn, unblockUser: signedIn },
  }),
  resolvers: {
    Query: { blockedUsers: (_: unknown, page: PageArguments, ctx: Context) => blockedUsers(ctx, page) },
    Mutation: { blockUser: payload(blockUser, 'blockedUser'), unblockUser: payload(unblockUser, 'user') },
  },
  emits: [userBlocked, userUnblocked],
});
