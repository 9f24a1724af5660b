import { id, on, text } from 'kit/events';
import { forgetPost, saveText } from './sentiment.actions.ts';

const postSaved = on(
  'post.saved',
  1,
  { postId: id, authorId: id, status: text, title: text, text },
  async (ctx, post, { aggregateVersion: version }) => {
    const written = post.status === 'PUBLISHED' ? `${post.title}\n\n${post.text}` : null;
    const authorId = written === null ? null : post.authorId;
    await saveText(ctx, { kind: 'POST', targetId: post.postId, postId: post.postId, authorId, text: written, version });
  },
);

const postDeleted = on('post.deleted', 1, { postId: id }, (ctx, { postId }, { aggregateVersion }) =>
  forgetPost(ctx, postId, aggregateVersion),
);

const commentSaved = on(
  'comment.saved',
  1,
  { commentId: id, postId: id, authorId: id, text },
  async (ctx, { commentId, postId, authorId, text: written }, { aggregateVersion: version }) => {
    await saveText(ctx, { kind: 'COMMENT', targetId: commentId, postId, authorId, text: written, version });
  },
);

const commentDeleted = on(
  'comment.deleted',
  1,
  { commentId: id, postId: id },
  async (ctx, { commentId, postId }, { aggregateVersion: version }) => {
    await saveText(ctx, { kind: 'COMMENT', targetId: commentId, postId, authorId: null, text: null, version });
  },
);

export const subscribers = [postSaved, postDeleted, commentSaved, commentDeleted];
