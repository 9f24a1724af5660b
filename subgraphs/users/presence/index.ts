import type { Context } from 'kit/context';
import { defineFeature, payload } from 'kit/feature';
import { defineRule, defineRules, signedIn } from 'kit/rules';
import { graphqlFile } from 'kit/subgraph';
import type { UserRow } from '../user/user.loaders.ts';
import { updatePresence } from './presence.actions.ts';
import { wasSeenLately } from './presence.loaders.ts';

const self = defineRule<UserRow>('the person', ['owner'], (ctx, { id }) => ctx.viewer.userId === id);

/** An opt-out holds for everybody else, whatever their role. */
const isOnline = (person: UserRow, _: unknown, ctx: Context) =>
  person.isPresenceHidden && person.id !== ctx.viewer.userId ? null : wasSeenLately(ctx, person.id);

export const presence = defineFeature({
  name: 'presence',
  typeDefs: graphqlFile(import.meta.url, 'presence.graphql'),
  rules: defineRules({
    Mutation: { updatePresence: signedIn },
    User: { isOnline: signedIn, isPresenceHidden: self },
  }),
  resolvers: { Mutation: { updatePresence: payload(updatePresence, 'user') }, User: { isOnline } },
});
