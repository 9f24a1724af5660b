import type { Context } from 'kit/context';
import { defineFeature, payload } from 'kit/feature';
import type { PageArguments } from 'kit/page';
import { defineRules, signedIn } from 'kit/rules';
import { graphqlFile } from 'kit/subgraph';
import { muteUser, unmuteUser } from './mute.actions.ts';
import { userMuted, userUnmuted } from './mute.events.ts';
import { isMutedByViewer } from './mute.loaders.ts';
import { mutedUsers } from './mute.queries.ts';

export const mute = defineFeature({
  name: 'mute',
  typeDefs: graphqlFile(import.meta.url, 'mute.graphql'),
  rules: defineRules({
    Query: { mutedUsers: signedIn },
    Mutation: { muteUser: signedIn, unmuteUser: signedIn },
  }),
  resolvers: {
    Query: { mutedUsers: (_: unknown, page: PageArguments, ctx: Context) => mutedUsers(ctx, page) },
    Mutation: { muteUser: payload(muteUser, 'user'), unmuteUser: payload(unmuteUser, 'user') },
    User: {
      isMutedByViewer: ({ id }: { id: string }, _: unknown, ctx: Context) => isMutedByViewer(ctx, id),
    },
  },
  emits: [userMuted, userUnmuted],
});
