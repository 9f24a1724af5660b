import type { Context } from 'kit/context';
import { defineFeature, payload } from 'kit/feature';
import { defineRules, signedIn } from 'kit/rules';
import { graphqlFile } from 'kit/subgraph';
import { updatePreferences } from './preference.actions.ts';
import { preferencesSaved } from './preference.events.ts';
import { preferencesOf } from './preference.loaders.ts';

export const preference = defineFeature({
  name: 'preference',
  typeDefs: graphqlFile(import.meta.url, 'preference.graphql'),
  rules: defineRules({
    Query: { notificationPreferences: signedIn },
    Mutation: { updateNotificationPreferences: signedIn },
  }),
  resolvers: {
    Query: {
      notificationPreferences: (_: unknown, _args: unknown, ctx: Context) =>
        preferencesOf(ctx, ctx.viewer.userId ?? ''),
    },
    Mutation: { updateNotificationPreferences: payload(updatePreferences, 'preferences') },
  },
  emits: [preferencesSaved],
});
