import type { Context } from 'kit/context';
import { defineFeature, payload } from 'kit/feature';
import { checkId, type Id } from 'kit/ids';
import type { PageArguments } from 'kit/page';
import { anyone, defineRule, defineRules, signedIn } from 'kit/rules';
import { graphqlFile } from 'kit/subgraph';
import { Content0001 } from '../migrations/0001-content.ts';
import {
  addCommunityMember,
  createCommunity,
  joinCommunity,
  leaveCommunity,
  removeCommunityMember,
} from './community.actions.ts';
import { communitySchema } from './community.entity.ts';
import { communitySaved, memberJoined, memberLeft } from './community.events.ts';
import { communityById, communityByName, type CommunityRow, roleInCommunity } from './community.loaders.ts';
import { communitiesByAge, type MemberRow, membersOf } from './community.queries.ts';

// At the door one must be signed in; whether one looks after the community, the action sees when it reads it.
const moderators = defineRule(
  'the moderators of the community and administrators',
  ['owner', 'moderator', 'admin'],
  signedIn.check,
);

export const community = defineFeature({
  name: 'community',
  typeDefs: graphqlFile(import.meta.url, 'community.graphql'),
  entities: [communitySchema],
  migrations: [{ name: '0001-content', class: Content0001 }],
  rules: defineRules({
    Query: { community: anyone, communities: anyone },
    Mutation: {
      createCommunity: signedIn,
      joinCommunity: signedIn,
      leaveCommunity: signedIn,
      addCommunityMember: moderators,
      removeCommunityMember: moderators,
    },
  }),
  resolvers: {
    Query: {
      community: (_: unknown, { name }: { name: string }, ctx: Context) => communityByName(ctx, name),
      communities: (_: unknown, page: PageArguments, ctx: Context) => communitiesByAge(ctx, page),
    },
    Mutation: {
      createCommunity: payload(createCommunity, 'community'),
      joinCommunity: payload(joinCommunity, 'community'),
      leaveCommunity: payload(leaveCommunity, 'community'),
      addCommunityMember: payload(addCommunityMember, 'community'),
      removeCommunityMember: payload(removeCommunityMember, 'community'),
    },
    Community: {
      __resolveReference: ({ id }: { id: Id }, ctx: Context) => communityById(ctx, checkId('community', id)),
      owner: (row: CommunityRow) => ({ __typename: 'User', id: row.ownerId }),
      viewerRole: (row: CommunityRow, _: unknown, ctx: Context) => roleInCommunity(ctx, row.id),
      members: (row: CommunityRow, page: PageArguments, ctx: Context) => membersOf(ctx, row.id, page),
    },
    CommunityMember: { user: (row: MemberRow) => ({ __typename: 'User', id: row.userId }) },
  },
  emits: [communitySaved, memberJoined, memberLeft],
});
