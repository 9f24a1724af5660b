import { count, type Envelope, id, latestOf, list, moment, nullable, on, onMany, text, truth } from 'kit/events';
import { toUuid } from 'kit/ids';
import { countPosts, type Document, saveDocument } from './document.actions.ts';

const uuidOrNull = (value: string | null): string | null => (value === null ? null : toUuid(value));

/** What a document is where its event does not say otherwise. */
const plain = (envelope: Envelope) => ({
  title: '',
  body: '',
  tags: [],
  authorId: null,
  communityId: null,
  postId: null,
  isPrivate: null,
  publishedAt: envelope.occurredAt,
  isVisible: true,
  version: envelope.aggregateVersion,
});

const gone = (kind: Document['kind'], uuid: string, postId: string, envelope: Envelope): Document => ({
  ...plain(envelope),
  id: uuid,
  kind,
  postId,
  isVisible: false,
});

const postSaved = on(
  'post.saved',
  1,
  {
    postId: id,
    authorId: id,
    communityId: nullable(id),
    status: text,
    title: text,
    text,
    tags: list(text),
    publishedAt: nullable(moment),
  },
  (ctx, post, envelope) =>
    saveDocument(ctx, {
      ...plain(envelope),
      id: toUuid(post.postId),
      kind: 'POST',
      title: post.title,
      body: post.text,
      tags: post.tags,
      authorId: toUuid(post.authorId),
      communityId: uuidOrNull(post.communityId),
      postId: toUuid(post.postId),
      publishedAt: post.publishedAt ?? envelope.occurredAt,
      // A draft is found by nobody, its author included: its words are not even kept.
      isVisible: post.status === 'PUBLISHED',
    }),
);

const postDeleted = on('post.deleted', 1, { postId: id }, (ctx, { postId }, envelope) =>
  saveDocument(ctx, gone('POST', toUuid(postId), toUuid(postId), envelope)),
);

const commentSaved = on(
  'comment.saved',
  1,
  { commentId: id, postId: id, authorId: id, text, createdAt: moment },
  (ctx, comment, envelope) =>
    saveDocument(ctx, {
      ...plain(envelope),
      id: toUuid(comment.commentId),
      kind: 'COMMENT',
      body: comment.text,
      authorId: toUuid(comment.authorId),
      postId: toUuid(comment.postId),
      publishedAt: comment.createdAt,
    }),
);

const commentDeleted = on('comment.deleted', 1, { commentId: id, postId: id }, (ctx, { commentId, postId }, envelope) =>
  saveDocument(ctx, gone('COMMENT', toUuid(commentId), toUuid(postId), envelope)),
);

const userSaved = on('user.saved', 1, { userId: id, username: text, name: text, bio: text }, (ctx, user, envelope) =>
  saveDocument(ctx, {
    ...plain(envelope),
    id: toUuid(user.userId),
    kind: 'USER',
    // The username comes first: suggestions take it from here.
    title: user.name === user.username ? user.username : `${user.username} ${user.name}`,
    body: user.bio,
    authorId: toUuid(user.userId),
  }),
);

const communitySaved = on(
  'community.saved',
  1,
  { communityId: id, name: text, description: text, isPrivate: truth },
  (ctx, community, envelope) =>
    saveDocument(ctx, {
      ...plain(envelope),
      id: toUuid(community.communityId),
      kind: 'COMMUNITY',
      title: community.name,
      body: community.description,
      communityId: toUuid(community.communityId),
      isPrivate: community.isPrivate,
    }),
);

const postCounted = onMany(
  'post.counted',
  1,
  { postId: id, score: count, comments: count, bookmarks: count },
  (ctx, events) =>
    countPosts(
      ctx,
      latestOf(events).map(({ payload: { postId, score, comments, bookmarks }, envelope }) => ({
        ...{ id: toUuid(postId), score, comments, bookmarks },
        version: envelope.aggregateVersion,
      })),
    ),
);

export const subscribers = [
  postSaved,
  postDeleted,
  commentSaved,
  commentDeleted,
  userSaved,
  communitySaved,
  postCounted,
];
