import { sql } from 'kit/database';
import { type Id, newId } from 'kit/ids';
import type { Asking, TestGraph } from 'kit/testing/subgraph';
import { userViewer, type Viewer } from 'kit/viewer';

export interface Person extends Viewer {
  readonly userId: Id;
}

export const aPerson = (role = 'user'): Person => userViewer(newId('user'), role) as Person;

export interface PostOptions {
  readonly author?: Person;
  readonly communityId?: Id | null;
  readonly status?: 'DRAFT' | 'PUBLISHED';
}

/** A post as content tells of it; published and in no community unless said otherwise. */
export async function givenPost(graph: TestGraph, options: PostOptions = {}): Promise<Id> {
  const { author = aPerson(), communityId = null, status = 'PUBLISHED' } = options;
  const postId = newId('post');
  const publishedAt = status === 'PUBLISHED' ? new Date().toISOString() : null;
  await graph.deliver('content', 'post.saved', { postId, authorId: author.userId, communityId, status, publishedAt });
  return postId;
}

export const givenPosts = (graph: TestGraph, number: number, options: PostOptions = {}): Promise<Id[]> =>
  Promise.all(Array.from({ length: number }, () => givenPost(graph, options)));

export interface CommunityOptions {
  readonly isPrivate?: boolean;
  readonly members?: readonly Person[];
  readonly moderators?: readonly Person[];
}

export async function givenCommunity(graph: TestGraph, options: CommunityOptions = {}): Promise<Id> {
  const { isPrivate = true, members = [], moderators = [] } = options;
  const communityId = newId('community');
  await graph.deliver('content', 'community.saved', { communityId, isPrivate });
  for (const { userId } of members)
    await graph.deliver('content', 'member.joined', { communityId, userId, role: 'member' });
  for (const { userId } of moderators) {
    await graph.deliver('content', 'member.joined', { communityId, userId, role: 'moderator' });
  }
  return communityId;
}

export interface CommentInput {
  readonly postId: Id;
  readonly parentId?: Id | null;
  readonly markdown?: string;
  readonly idempotencyKey?: string;
}

export interface Payload<Answer> {
  readonly userErrors: readonly {
    readonly code: string;
    readonly field: readonly string[] | null;
    readonly message: string;
  }[];
  readonly comment: Answer | null;
}

export const ADD = `mutation ($input: AddCommentInput!) {
  addComment(input: $input) { comment { id depth html parent { id } } userErrors { code field message } }
}`;

interface Added {
  readonly id: Id;
  readonly depth: number;
  readonly html: string;
  readonly parent: { readonly id: Id } | null;
}

/** What `addComment` answers, refusals included. */
export async function addComment(asking: Asking, input: CommentInput): Promise<Payload<Added>> {
  const data = await asking.data<{ addComment: Payload<Added> }>(ADD, { input: { markdown: 'a remark', ...input } });
  return data.addComment;
}

/** A comment that must come to be. */
export async function givenComment(asking: Asking, postId: Id, more: Omit<CommentInput, 'postId'> = {}): Promise<Id> {
  const { comment, userErrors } = await addComment(asking, { postId, ...more });
  if (!comment) throw new Error(JSON.stringify(userErrors));
  return comment.id;
}

/** The events the subgraph has emitted about something, oldest first. */
export const eventsAbout = (
  graph: TestGraph,
  aggregateId: Id,
): Promise<{ type: string; payload: Record<string, unknown> }[]> =>
  graph.rows(sql`select type, payload from outbox where aggregate_id = ${aggregateId} order by position`);

/** Error codes of an operation that must fail. */
export async function codesOf(
  asking: Asking,
  query: string,
  variables: Record<string, unknown> = {},
): Promise<unknown[]> {
  const { errors } = await asking.run(query, variables);
  return (errors ?? []).map((error) => error.extensions?.['code']);
}
