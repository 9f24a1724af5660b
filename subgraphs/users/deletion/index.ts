import type { Context } from 'kit/context';
import { defineFeature, payload } from 'kit/feature';
import { graphqlFile } from 'kit/subgraph';
import type { UserRow } from '../user/user.loaders.ts';
import { cancelDeletion, deleteAccount } from './deletion.actions.ts';
import { deletionErased, deletionStarted, userHidden } from './deletion.events.ts';
import { tend } from './deletion.jobs.ts';
import { deletionByUser, receiptFor } from './deletion.loaders.ts';
import { rules } from './deletion.rules.ts';

export const deletion = defineFeature({
  name: 'deletion',
  typeDefs: graphqlFile(import.meta.url, 'deletion.graphql'),
  rules,
  resolvers: {
    Query: { deletionReceipt: (_: unknown, args: { token: string }, ctx: Context) => receiptFor(ctx, args) },
    Mutation: { deleteAccount: payload(deleteAccount), cancelDeletion: payload(cancelDeletion, 'user') },
    User: { deletion: ({ id }: UserRow, _: unknown, ctx: Context) => deletionByUser(ctx, id) },
  },
  emits: [userHidden, deletionStarted, deletionErased],
  jobs: [tend],
});
