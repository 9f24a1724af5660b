import { notFound } from 'kit/errors';
import { live } from 'kit/feature';
import { checkId, type Id } from 'kit/ids';
import { countedPostById } from '../count/count.loaders.ts';
import { heardCommentById } from './comment.loaders.ts';

export const newComment = live<{ postId: Id }, { commentId: Id }>({
  topic: async (ctx, { postId }) => {
    if (!(await countedPostById(ctx, checkId('post', postId, 'postId')))) notFound('Post', postId, ['postId']);
    return `new-comment:${postId}`;
  },
  load: (ctx, { commentId }) => heardCommentById(ctx, commentId),
});
