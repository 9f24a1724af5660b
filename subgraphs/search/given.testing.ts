import { createRedisBus } from 'kit/bus';
import { sql } from 'kit/database';
import type { Envelope } from 'kit/events';
import { type Id, newId } from 'kit/ids';
import type { DeliverOptions, TestGraph } from 'kit/testing/subgraph';
import { userViewer, type Viewer } from 'kit/viewer';

export interface GivenPost {
  readonly id?: Id;
  readonly title?: string;
  readonly text?: string;
  readonly tags?: readonly string[];
  readonly authorId?: Id;
  readonly communityId?: Id | null;
  readonly status?: string;
  readonly publishedAt?: string;
}

const postEvent = (id: Id, post: GivenPost) => ({
  postId: id,
  authorId: post.authorId ?? newId('user'),
  communityId: post.communityId ?? null,
  status: post.status ?? 'PUBLISHED',
  title: post.title ?? 'A title',
  slug: id,
  excerpt: '',
  text: post.text ?? '',
  tags: post.tags ?? [],
  publishedAt: post.status === 'DRAFT' ? null : (post.publishedAt ?? new Date().toISOString()),
  version: 1,
});

/** Tells a graph of search what other subgraphs would tell it; each call waits until it is known. */
export function givenIn(graph: TestGraph) {
  const send = (producer: string, type: string, payload: Record<string, unknown>, options?: DeliverOptions) =>
    graph.deliver(producer, type, payload, options);
  return {
    post: async (post: GivenPost = {}, options?: DeliverOptions): Promise<Id> => {
      const id = post.id ?? newId('post');
      await send('content', 'post.saved', postEvent(id, post), options);
      return id;
    },
    /** Many at once, as an import sends them; waits for the last. */
    posts: async (posts: readonly GivenPost[]): Promise<Id[]> => {
      const ids = posts.map(() => newId('post'));
      const envelopes = posts.map((post, index): Envelope => {
        const id = ids[index] ?? '';
        const head = {
          id: crypto.randomUUID(),
          type: 'post.saved',
          version: 1,
          aggregateId: id,
          aggregateVersion: index + 1,
        };
        return {
          ...head,
          occurredAt: new Date().toISOString(),
          actorId: null,
          requestId: 'test',
          payload: postEvent(id, post),
        };
      });
      await createRedisBus(graph.anonymously.context().services.redis).publish('content', envelopes);
      const last = envelopes.map((envelope) => envelope.id);
      for (;;) {
        const [{ handled } = { handled: 0 }] = await graph.rows<{ handled: number }>(
          sql`select count(*) as handled from inbox where event_id = any(${last}::uuid[])`,
        );
        if (handled === posts.length) return ids;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    deletePost: (id: Id) => send('content', 'post.deleted', { postId: id, authorId: newId('user'), communityId: null }),
    comment: async (postId: Id, text: string, authorId: Id = newId('user')): Promise<Id> => {
      const id = newId('comment');
      const payload = {
        commentId: id,
        postId,
        parentId: null,
        authorId,
        text,
        createdAt: new Date().toISOString(),
        version: 1,
      };
      await send('engagement', 'comment.saved', payload);
      return id;
    },
    deleteComment: (id: Id, postId: Id) => send('engagement', 'comment.deleted', { commentId: id, postId }),
    count: (postId: Id, counts: { score?: number; comments?: number; bookmarks?: number }, options?: DeliverOptions) =>
      send(
        'engagement',
        'post.counted',
        { postId, up: 0, down: 0, score: 0, comments: 0, bookmarks: 0, ...counts },
        options,
      ),
    user: async (username: string, name = username, bio = ''): Promise<Viewer & { readonly userId: Id }> => {
      const userId = newId('user');
      await send('users', 'user.saved', { userId, username, name, bio, role: 'user' });
      return { ...userViewer(userId), userId };
    },
    hide: (userId: Id) => send('users', 'user.hidden', { userId }),
    community: async (name: string, isPrivate = false, id: Id = newId('community')): Promise<Id> => {
      await send('content', 'community.saved', {
        communityId: id,
        name,
        description: '',
        isPrivate,
        ownerId: newId('user'),
      });
      return id;
    },
    join: (communityId: Id, userId: Id) => send('content', 'member.joined', { communityId, userId, role: 'member' }),
    leave: (communityId: Id, userId: Id) => send('content', 'member.left', { communityId, userId }),
    follow: (followerId: Id, followedId: Id) => send('users', 'user.followed', { followerId, followedId }),
    block: (blockerId: Id, blockedId: Id) => send('users', 'user.blocked', { blockerId, blockedId }),
    unblock: (blockerId: Id, blockedId: Id) => send('users', 'user.unblocked', { blockerId, blockedId }),
    mute: (muterId: Id, mutedId: Id) => send('users', 'user.muted', { muterId, mutedId }),
    unmute: (muterId: Id, mutedId: Id) => send('users', 'user.unmuted', { muterId, mutedId }),
    moderate: (communityId: Id, userId: Id) =>
      send('content', 'member.joined', { communityId, userId, role: 'moderator' }),
    unfollow: (followerId: Id, followedId: Id) => send('users', 'user.unfollowed', { followerId, followedId }),
  };
}

export interface Found {
  readonly ids: string[];
  readonly totalCount: number;
  readonly facets: readonly { kind: string; count: number }[];
  readonly edges: readonly {
    cursor: string;
    node: {
      kind: string;
      score: number;
      highlights: { field: string; html: string }[];
      node: { __typename: string; id: string } | null;
    };
  }[];
  readonly pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string; endCursor: string };
}

export const SEARCH = `query ($query: String!, $filter: SearchFilter, $first: Int, $after: String, $last: Int, $before: String) {
  search(query: $query, filter: $filter, first: $first, after: $after, last: $last, before: $before) {
    totalCount facets { kind count } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    edges { cursor node { kind score highlights { field html }
      node { __typename ... on Post { id } ... on Comment { id } ... on User { id } ... on Community { id } } } } } }`;

/** Searches as someone; `ids` are those of what was found, in order. */
export async function find(
  asking: { data: <Data>(query: string, variables?: Record<string, unknown>) => Promise<Data> },
  query: string,
  more: Record<string, unknown> = {},
): Promise<Found> {
  const { search } = await asking.data<{ search: Found }>(SEARCH, { query, ...more });
  return { ...search, ids: search.edges.map((edge) => edge.node.node?.id ?? '') };
}
