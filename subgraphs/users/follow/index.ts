import type { Context } from 'kit/context';
import { defineFeature, payload } from 'kit/feature';
import type { PageArguments } from 'kit/page';
import { defineRules, signedIn } from 'kit/rules';
import { graphqlFile } from 'kit/subgraph';
import { followUser, unfollowUser } from './follow.actions.ts';
import { userFollowed, userUnfollowed } from './follow.events.ts';
import { isFollowedByViewer } from './follow.loaders.ts';
import { followersOf, followingOf } from './follow.queries.ts';

interface Person {
  readonly id: string;
}

export const follow = defineFeature({
  name: 'follow',
  typeDefs: graphqlFile(import.meta.url, 'follow.graphql'),
  rules: defineRules({ Mutation: { followUser: signedIn, unfollowUser: signedIn } }),
  resolvers: {
    Mutation: { followUser: payload(followUser, 'user'), unfollowUser: payload(unfollowUser, 'user') },
    User: {
      followers: (person: Person, page: PageArguments, ctx: Context) => followersOf(ctx, person.id, page),
      following: (person: Person, page: PageArguments, ctx: Context) => followingOf(ctx, person.id, page),
      isFollowedByViewer: (person: Person, _: unknown, ctx: Context) => isFollowedByViewer(ctx, person.id),
    },
  },
  emits: [userFollowed, userUnfollowed],
});
