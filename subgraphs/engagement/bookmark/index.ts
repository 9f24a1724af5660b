import type { Context } from 'kit/context';
import { defineFeature, payload } from 'kit/feature';
import type { Id } from 'kit/ids';
import type { PageArguments } from 'kit/page';
import { defineRules, signedIn } from 'kit/rules';
import { graphqlFile } from 'kit/subgraph';
import { bookmarkPost, unbookmarkPost } from './bookmark.actions.ts';
import { type BookmarkRow, viewerBookmarkByPost } from './bookmark.loaders.ts';
import { bookmarksOfViewer } from './bookmark.queries.ts';

export const bookmark = defineFeature({
  name: 'bookmark',
  typeDefs: graphqlFile(import.meta.url, 'bookmark.graphql'),
  rules: defineRules({
    Query: { bookmarks: signedIn },
    Mutation: { bookmarkPost: signedIn, unbookmarkPost: signedIn },
  }),
  resolvers: {
    Query: { bookmarks: (_: unknown, page: PageArguments, ctx: Context) => bookmarksOfViewer(ctx, page) },
    Mutation: { bookmarkPost: payload(bookmarkPost), unbookmarkPost: payload(unbookmarkPost) },
    Post: {
      viewerHasBookmarked: async ({ id }: { id: Id }, _: unknown, ctx: Context) =>
        (await viewerBookmarkByPost(ctx, id)) !== null,
    },
    Bookmark: { post: ({ postId }: BookmarkRow) => ({ __typename: 'Post', id: postId }) },
  },
});
