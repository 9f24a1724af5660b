import { count, defineEvent, id, list, moment, nullable, text } from 'kit/events';

/** A post as it is now: all that others need to show, index, rank and authorise it. */
export const postSaved = defineEvent(
  'post.saved',
  1,
  {
    postId: id,
    authorId: id,
    communityId: nullable(id),
    status: text,
    title: text,
    slug: text,
    excerpt: text,
    /** Plain text, cut at 100,000 characters. */
    text,
    tags: list(text),
    publishedAt: nullable(moment),
    version: count,
  },
  {
    aggregate: 'postId',
    live: ({ postId }) => [{ topic: `post-updated:${postId}`, payload: { postId } }],
  },
);

export const postDeleted = defineEvent(
  'post.deleted',
  1,
  { postId: id, authorId: id, communityId: nullable(id) },
  {
    aggregate: 'postId',
    live: ({ postId }) => [{ topic: `post-updated:${postId}`, payload: { postId } }],
  },
);
