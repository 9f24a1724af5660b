import type { Context } from 'kit/context';
import { badInput } from 'kit/errors';
import { payload } from 'kit/feature';
import { checkId, type Id } from 'kit/ids';
import type { PageArguments } from 'kit/page';
import { communityById } from '../community/community.loaders.ts';
import { createPost, deletePost, publishPost, updatePost } from './post.actions.ts';
import { postById, postBySlug, type PostRow } from './post.loaders.ts';
import { type PostFilter, postsByAge } from './post.queries.ts';

export const resolvers = {
  Query: {
    post: (_: unknown, { id, slug }: { id?: Id | null; slug?: string | null }, ctx: Context) => {
      if ((id == null) === (slug == null)) badInput('id', 'Give exactly one of id and slug.');
      return id == null ? postBySlug(ctx, slug ?? '') : postById(ctx, checkId('post', id));
    },
    posts: (_: unknown, args: PageArguments & { filter?: PostFilter | null }, ctx: Context) => postsByAge(ctx, args),
  },
  Mutation: {
    createPost: payload(createPost, 'post'),
    updatePost: payload(updatePost, 'post'),
    publishPost: payload(publishPost, 'post'),
    deletePost: payload(deletePost, 'deletedId'),
  },
  Post: {
    __resolveReference: ({ id }: { id: Id }, ctx: Context) => postById(ctx, checkId('post', id)),
    author: (post: PostRow) => ({ __typename: 'User', id: post.authorId }),
    community: (post: PostRow, _: unknown, ctx: Context) =>
      post.communityId ? communityById(ctx, post.communityId) : null,
  },
};
