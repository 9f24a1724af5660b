import type { SubgraphResponse } from 'kit/request';
import { sql } from 'kit/database';
import type { Hop } from 'kit/hop';
import { newId } from 'kit/ids';
import type { TestGraph } from 'kit/testing/subgraph';
import { userViewer, type Viewer } from 'kit/viewer';

export type Person = Viewer & { readonly userId: string };

/** Somebody signed in; content knows people by their ids only. */
export const aPerson = (role = 'user'): Person => {
  const userId = newId('user');
  return { ...userViewer(userId, role), userId };
};

const USER_ERRORS = 'userErrors { field code message }';
export const POST_FIELDS = 'id slug title status version tags html excerpt markdown publishedAt';
export const CREATE_POST = `mutation ($input: CreatePostInput!) { answer: createPost(input: $input) { post { ${POST_FIELDS} } ${USER_ERRORS} } }`;
export const UPDATE_POST = `mutation ($input: UpdatePostInput!) { answer: updatePost(input: $input) { post { ${POST_FIELDS} } ${USER_ERRORS} } }`;
export const PUBLISH_POST = `mutation ($input: PublishPostInput!) { answer: publishPost(input: $input) { post { ${POST_FIELDS} } ${USER_ERRORS} } }`;
export const DELETE_POST = `mutation ($input: DeletePostInput!) { answer: deletePost(input: $input) { deletedId ${USER_ERRORS} } }`;

export const COMMUNITY_FIELDS = 'id name description isPrivate membersCount viewerRole';
const communityMutation = (name: string) =>
  `mutation ($input: ${name[0]?.toUpperCase()}${name.slice(1)}Input!) {
    answer: ${name}(input: $input) { community { ${COMMUNITY_FIELDS} } ${USER_ERRORS} } }`;
export const CREATE_COMMUNITY = communityMutation('createCommunity');
export const JOIN_COMMUNITY = communityMutation('joinCommunity');
export const LEAVE_COMMUNITY = communityMutation('leaveCommunity');
export const ADD_MEMBER = communityMutation('addCommunityMember');
export const REMOVE_MEMBER = communityMutation('removeCommunityMember');

export interface PostAnswer {
  readonly id: string;
  readonly slug: string;
  readonly title: string;
  readonly status: string;
  readonly version: number;
  readonly tags: readonly string[];
  readonly html: string;
  readonly excerpt: string;
  readonly markdown: string | null;
  readonly publishedAt: string | null;
}
export interface CommunityAnswer {
  readonly id: string;
  readonly name: string;
  readonly membersCount: number;
  readonly viewerRole: string | null;
}
export interface Answer {
  readonly post?: PostAnswer | null;
  readonly community?: CommunityAnswer | null;
  readonly deletedId?: string | null;
  readonly userErrors: readonly {
    readonly field: readonly string[] | null;
    readonly code: string;
    readonly message: string;
  }[];
}

/** Runs one of the mutations above, which must not fail altogether. */
export const act = async (graph: TestGraph, viewer: Viewer, mutation: string, input: object): Promise<Answer> =>
  (await graph.as(viewer).data<{ answer: Answer }>(mutation, { input })).answer;

/** `field: CODE` of each user error, for short comparisons. */
export const complaints = ({ userErrors }: Answer): string[] =>
  userErrors.map(({ field, code }) => `${field?.join('.') ?? ''}: ${code}`);

export const codeOf = ({ errors }: SubgraphResponse) => errors?.[0]?.extensions?.['code'];

export async function aDraft(graph: TestGraph, author: Viewer, input: object = {}): Promise<PostAnswer> {
  const answer = await act(graph, author, CREATE_POST, { title: 'A post', markdown: 'Some *words*.', ...input });
  expect(complaints(answer)).toEqual([]);
  return answer.post as PostAnswer;
}

export async function aPost(graph: TestGraph, author: Viewer, input: object = {}): Promise<PostAnswer> {
  const { id } = await aDraft(graph, author, input);
  return (await act(graph, author, PUBLISH_POST, { id })).post as PostAnswer;
}

let made = 0;

export async function aCommunity(graph: TestGraph, owner: Viewer, input: object = {}): Promise<CommunityAnswer> {
  const answer = await act(graph, owner, CREATE_COMMUNITY, { name: `community${++made}`, ...input });
  expect(complaints(answer)).toEqual([]);
  return answer.community as CommunityAnswer;
}

export interface WrittenEvent {
  readonly type: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly actorId: string | null;
}

/** What the outbox holds about one post or community, in order. */
export const eventsAbout = (graph: TestGraph, aggregateId: string): Promise<WrittenEvent[]> =>
  graph.rows<WrittenEvent>(
    sql`select type, payload, actor_id as "actorId" from outbox where aggregate_id = ${aggregateId} order by position`,
  );

/** What a gateway sends along for `viewer`. */
export const hopOf = (viewer: Viewer): Hop => ({
  viewer,
  requestId: crypto.randomUUID(),
  client: { address: '127.0.0.1', userAgent: 'test' },
  after: [],
});
