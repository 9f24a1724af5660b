import type { Neighbours } from './erasure.testing.ts';
import type { Frontend } from './setup/client.ts';

const THREAD = `query ($id: ID!) { post(id: $id) {
  title author { username name } counts { up down score comments bookmarks }
  comments(first: 3) { edges { node { id html isDeleted author { username } replies(first: 3) { edges { node {
    id html isDeleted author { username name } counts { up score } replies(first: 3) { edges { node { id html isDeleted counts { up } } } } } } } } } } } }`;

interface CommentNode {
  readonly id: string;
  readonly html: string | null;
  readonly isDeleted: boolean;
  readonly author: { readonly username: string; readonly name: string } | null;
  readonly counts: { readonly up: number; readonly score: number };
  readonly replies: { readonly edges: readonly { readonly node: CommentNode }[] };
}
interface Thread {
  readonly title: string;
  readonly author: { readonly username: string; readonly name: string } | null;
  readonly counts: Readonly<Record<string, number>>;
  readonly comments: { readonly edges: readonly { readonly node: CommentNode }[] };
}

export const threadOf = async (reader: Frontend, id: string): Promise<Thread | null> =>
  (await reader.data<{ post: Thread | null }>(THREAD, { id })).post;

/** The leaver's comment and the answer to it, in the other's thread. */
export const middleOf = (thread: Thread | null): CommentNode | undefined =>
  thread?.comments.edges[0]?.node.replies.edges[0]?.node;

const USER = `query ($id: ID!, $username: String!) {
  user(id: $id) { username name bio } byName: user(username: $username) { id } }`;
export const profileOf = async (reader: Frontend, { leaver }: Pick<Neighbours, 'leaver'>) =>
  reader.data<{ user: { username: string; name: string; bio: string } | null; byName: object | null }>(USER, {
    id: leaver.userId,
    username: leaver.username,
  });

/** How many answers a search has. */
export const found = async (reader: Frontend, query: string): Promise<number> =>
  (
    await reader.data<{ search: { edges: unknown[] } }>(
      'query ($q: String!) { search(query: $q) { edges { cursor } } }',
      {
        q: query,
      },
    )
  ).search.edges.length;
