import { count, defineEvent, id, moment, nullable, text } from 'kit/events';

/** A comment as it is now, after it was added or edited. */
export const commentSaved = defineEvent(
  'comment.saved',
  1,
  {
    commentId: id,
    postId: id,
    parentId: nullable(id),
    authorId: id,
    /** Plain text, at most 10,000 characters. */
    text,
    createdAt: moment,
    version: count,
  },
  { aggregate: 'commentId' },
);

export const commentDeleted = defineEvent(
  'comment.deleted',
  1,
  { commentId: id, postId: id },
  { aggregate: 'commentId' },
);

/** Beside the first `comment.saved`: those who follow the post hear of new comments, not of edits. */
export const commentAdded = defineEvent(
  'comment.added',
  1,
  { commentId: id, postId: id },
  {
    aggregate: 'commentId',
    live: ({ commentId, postId }) => [{ topic: `new-comment:${postId}`, payload: { commentId, postId } }],
  },
);
