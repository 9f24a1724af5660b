import type { Context } from 'kit/context';
import { payload } from 'kit/feature';
import { checkId, type Id } from 'kit/ids';
import { addComment, deleteComment, editComment } from './comment.actions.ts';
import { commentById, type CommentRow } from './comment.loaders.ts';
import {
  type CommentsArguments,
  commentsOf,
  commentsOfPost,
  commentsUnder,
  type LevelArguments,
} from './comment.queries.ts';

export const resolvers = {
  Query: {
    comment: (_: unknown, { id }: { id: Id }, ctx: Context) => commentById(ctx, checkId('comment', id)),
    comments: (_: unknown, args: CommentsArguments, ctx: Context) => commentsOf(ctx, args),
  },
  Mutation: {
    addComment: payload(addComment, 'comment'),
    editComment: payload(editComment, 'comment'),
    deleteComment: payload(deleteComment, 'comment'),
  },
  Post: {
    comments: ({ id }: { id: Id }, args: LevelArguments, ctx: Context) => commentsOfPost(ctx, id, args),
  },
  Comment: {
    // Asynchronous, so that an id that is none costs its own place in the list and not the list.
    __resolveReference: async ({ id }: { id: Id }, ctx: Context) => commentById(ctx, checkId('comment', id)),
    post: ({ postId }: CommentRow) => ({ __typename: 'Post', id: postId }),
    parent: ({ parentId }: CommentRow, _: unknown, ctx: Context) =>
      parentId === null ? null : commentById(ctx, parentId),
    author: ({ authorId, isDeleted }: CommentRow) => (isDeleted ? null : { __typename: 'User', id: authorId }),
    replies: ({ id }: CommentRow, args: LevelArguments, ctx: Context) => commentsUnder(ctx, id, args),
  },
};
