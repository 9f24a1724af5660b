import { notFound } from 'kit/errors';
import { live } from 'kit/feature';
import { checkId, type Id } from 'kit/ids';
import { heardPostById, postById } from './post.loaders.ts';

export const postUpdated = live<{ postId: Id }, { postId: Id }>({
  topic: async (ctx, { postId }) => {
    if (!(await postById(ctx, checkId('post', postId, 'postId')))) notFound('Post', postId);
    return `post-updated:${postId}`;
  },
  load: (ctx, { postId }) => heardPostById(ctx, postId),
});
