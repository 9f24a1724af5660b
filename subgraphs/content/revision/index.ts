import type { Context } from 'kit/context';
import { defineFeature } from 'kit/feature';
import type { PageArguments } from 'kit/page';
import { defineRules } from 'kit/rules';
import { graphqlFile } from 'kit/subgraph';
import { authorAndAdmins, type PostRow } from '../post/post.loaders.ts';
import { revisionsOf, type RevisionRow } from './revision.queries.ts';

export const revision = defineFeature({
  name: 'revision',
  typeDefs: graphqlFile(import.meta.url, 'revision.graphql'),
  rules: defineRules({ Post: { revisions: authorAndAdmins } }),
  resolvers: {
    Post: { revisions: (post: PostRow, page: PageArguments, ctx: Context) => revisionsOf(ctx, post.id, page) },
    PostRevision: { editor: (row: RevisionRow) => ({ __typename: 'User', id: row.editorId }) },
  },
});
