import type { WireRequest } from './clients.ts';

/** What the requests are about. */
export interface World {
  readonly postIds: readonly string[];
  /** Authorization headers of people who are signed in already. */
  readonly signedIn: readonly string[];
  /** Words that some posts have. */
  readonly words: readonly string[];
}

const POST_PAGE = `query PostPage($id: ID!) {
  post(id: $id) {
    id title html publishedAt tags
    author { id username name }
    counts { up down score comments bookmarks }
    sentiment { label score }
    related { id title }
    comments(first: 10) { edges { node { id html createdAt author { id username name } } } pageInfo { hasNextPage endCursor } }
  }
}`;

const FEED = `query Feed($first: Int!) {
  posts(first: $first) {
    edges { cursor node { id title excerpt publishedAt author { id username name } counts { score comments } sentiment { label } } }
    pageInfo { hasNextPage endCursor }
  }
}`;

const SEARCH = `query Search($query: String!) {
  search(query: $query, first: 10) { edges { node { __typename } } }
}`;

const VOTE = `mutation Vote($input: VoteInput!) { vote(input: $input) { userErrors { code message } } }`;
const COMMENT = `mutation Comment($input: AddCommentInput!) { addComment(input: $input) { comment { id } userErrors { code message } } }`;

/** The stated mix, in parts of a hundred. A tenth of the readers are signed in; who votes or comments is. */
export const MIX = { 'post page': 70, feed: 20, search: 5, vote: 4, comment: 1 } as const;
const SIGNED_IN_READERS = 0.1;
/** Few posts have most readers: the rank of the post to read is this power of a random number. */
const POPULARITY = 2;

export type Kind = keyof typeof MIX;

/** What to ask alone, where the mix is taken apart. */
export interface Only {
  readonly kind: Kind;
  readonly isSignedIn: boolean;
}

/** A random request of the mix, or of one kind only. Requests of reading are made once and sent again; each change is new. */
export function createMix(world: World, host: string): (only?: Only) => WireRequest {
  const kinds = Object.entries(MIX).flatMap(([kind, parts]) => Array.from({ length: parts }, () => kind as Kind));
  const made = new Map<string, WireRequest>();
  const once = (key: string, make: () => WireRequest): WireRequest => {
    const known = made.get(key);
    if (known) return known;
    const request = make();
    made.set(key, request);
    return request;
  };
  const wire = (kind: Kind, authorization: string | null, body: object): WireRequest => ({
    kind,
    bytes: requestBytes(host, authorization, JSON.stringify(body)),
  });
  const post = (): string => pick(world.postIds, POPULARITY);
  return (only) => {
    const kind = only?.kind ?? pick(kinds);
    const isSignedIn = only?.isSignedIn ?? (kind === 'vote' || kind === 'comment' || Math.random() < SIGNED_IN_READERS);
    const who = isSignedIn ? pick(world.signedIn) : null;
    if (kind === 'post page') {
      const id = post();
      return once(`page ${who} ${id}`, () => wire(kind, who, { query: POST_PAGE, variables: { id } }));
    }
    if (kind === 'feed') return once(`feed ${who}`, () => wire(kind, who, { query: FEED, variables: { first: 20 } }));
    if (kind === 'search') {
      const query = pick(world.words);
      return once(`search ${who} ${query}`, () => wire(kind, who, { query: SEARCH, variables: { query } }));
    }
    if (kind === 'vote') {
      const input = { targetId: post(), value: Math.random() < 0.8 ? 'UP' : 'DOWN' };
      return wire(kind, who, { query: VOTE, variables: { input } });
    }
    const input = { postId: post(), markdown: `A thought, number ${Math.floor(Math.random() * 1e9)}.` };
    return wire(kind, who, { query: COMMENT, variables: { input } });
  };
}

function pick<Item>(items: readonly Item[], power = 1): Item {
  const item = items[Math.floor(Math.random() ** power * items.length)];
  if (item === undefined) throw new Error('there is nothing to pick from');
  return item;
}

function requestBytes(host: string, authorization: string | null, body: string): Buffer {
  const lines = [
    'POST /graphql HTTP/1.1',
    `host: ${host}`,
    'content-type: application/json',
    'accept: application/json',
    ...(authorization ? [`authorization: ${authorization}`] : []),
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`);
}
