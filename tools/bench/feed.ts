import { type EmittedEvent } from 'kit/hop';
import type { Transport } from 'kit/request';
import type { RunningSubgraph } from 'kit/running';
import { sql } from 'kit/database';
import { anonymous, gatewayViewer, systemViewer, userViewer, type Viewer } from 'kit/viewer';

/** What a community's page asks for: posts with authors, counts, the viewer's votes, sentiment, and 3 comments each with their authors. */
export const FEED = `query Feed($first: Int!, $communityId: ID!) {
  posts(first: $first, filter: { communityId: $communityId }) {
    edges {
      cursor
      node {
        id
        title
        excerpt
        publishedAt
        author { id username name }
        counts { up down score comments bookmarks }
        viewerVote
        sentiment { score label confidence }
        comments(first: 3) { edges { node { id html createdAt author { id username name } } } }
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}`;

export interface FeedAnswer {
  readonly posts: {
    readonly edges: readonly {
      readonly node: {
        readonly id: string;
        readonly title: string;
        readonly author: { readonly username: string } | null;
        readonly counts: { readonly score: number; readonly comments: number } | null;
        readonly viewerVote: 'UP' | 'DOWN' | null;
        readonly sentiment: { readonly label: string } | null;
        readonly comments: {
          readonly edges: readonly { readonly node: { readonly author: { readonly username: string } | null } }[];
        } | null;
      };
    }[];
  };
}

export interface FeedSize {
  readonly posts: number;
  readonly people: number;
  readonly commentsPerPost: number;
  readonly votesPerPost: number;
}

/** A community full of posts, and one of its members. */
export interface Feed {
  /** In no order. */
  readonly postIds: readonly string[];
  readonly communityId: string;
  readonly readerId: string;
  readonly readerName: string;
}

export const PASSWORD = 'a password of no worth';

const SENTENCES = [
  'What a wonderful idea, I love how clear it is!',
  'This is terrible advice and it made me angry.',
  'The meeting is on Tuesday at ten.',
  'I was afraid of the migration, and then it was a joy.',
  'Nobody reads the manual, which is a pity.',
  'Great work, thank you for *every* line of it.',
  'It broke again, and I hate this part.',
];
const textOf = (n: number, sentences: number): string =>
  Array.from({ length: sentences }, (_, index) => SENTENCES[(n + index * 3) % SENTENCES.length]).join('\n\n');

interface Session {
  readonly ask: <Data>(subgraph: string, query: string, variables?: object) => Promise<Data>;
}

type Transports = Readonly<Record<string, Transport>>;
const client = { address: '127.0.0.1', userAgent: 'bench' };

/** Asks subgraphs as the gateway would for this viewer; each question waits for what those before it, and `known`, have changed. */
function sessionOf(
  transports: Transports,
  viewer: Viewer,
  known: readonly EmittedEvent[],
  emitted: EmittedEvent[],
): Session {
  return {
    ask: async <Data>(subgraph: string, query: string, variables = {}) => {
      const hop = { viewer, requestId: crypto.randomUUID(), client, after: [...known, ...emitted.slice(-20)] };
      const answer = await transports[subgraph]?.send({ query, variables: { ...variables } }, hop);
      if (!answer?.data || answer.errors) throw new Error(`${query}: ${JSON.stringify(answer?.errors)}`);
      emitted.push(...(answer.extensions?.emitted ?? []));
      return answer.data as Data;
    },
  };
}

interface Payload {
  readonly userErrors: readonly unknown[];
}

/** Runs a mutation that must succeed. */
async function change<Answer>(
  session: Session,
  subgraph: string,
  name: string,
  input: object,
  selection = '',
): Promise<Answer> {
  const type = `${name[0]?.toUpperCase()}${name.slice(1)}Input!`;
  const query = `mutation Change($input: ${type}) { ${name}(input: $input) { ${selection} userErrors { code message } } }`;
  const answer = await session.ask<Record<string, Payload>>(subgraph, query, { input });
  const payload = answer[name];
  if (!payload || payload.userErrors.length > 0) throw new Error(`${name}: ${JSON.stringify(payload?.userErrors)}`);
  return payload as Answer;
}

async function addPerson(transports: Transports, username: string): Promise<Viewer & { userId: string }> {
  const session = sessionOf(transports, gatewayViewer, [], []);
  const input = { username, email: `${username}@example.org`, password: PASSWORD };
  const { registerVerified } = await session.ask<{ registerVerified: { userId: string | null } }>(
    'users',
    'mutation ($input: RegisterInput!) { registerVerified(input: $input) { userId userErrors { code } } }',
    { input },
  );
  const { userId } = registerVerified;
  if (userId === null) throw new Error(`${username} could not be signed up`);
  return { ...userViewer(userId), userId };
}

/**
 * Writes a community's feed, private unless said otherwise, through the subgraphs' own doors. Limits must be wide. People's names start with
 * `prefix`; the first of them owns the community and the last is the reader, who has voted on every other post.
 */
export async function makeFeed(
  transports: Transports,
  size: FeedSize,
  prefix: string,
  { isPrivate } = { isPrivate: true },
): Promise<Feed> {
  const names = Array.from({ length: size.people }, (_, n) => `${prefix}${n}`);
  const people: (Viewer & { userId: string })[] = [];
  for (const name of names) people.push(await addPerson(transports, name));
  const [owner, reader] = [people[0], people.at(-1)];
  if (!owner || !reader) throw new Error('a feed has an owner and a reader');
  const known: EmittedEvent[] = [];
  const founding = sessionOf(transports, owner, [], known);
  const { community } = await change<{ community: { id: string } }>(
    founding,
    'content',
    'createCommunity',
    { name: `${prefix}-feed`, isPrivate },
    'community { id }',
  );
  for (const { userId } of people.slice(1)) {
    await change(founding, 'content', 'addCommunityMember', { communityId: community.id, userId });
  }
  const postIds: string[] = [];
  await together(4, size.posts, async (n) => {
    postIds.push(await addPost({ transports, people, known, size, communityId: community.id }, n));
  });
  return { postIds, communityId: community.id, readerId: reader.userId, readerName: names.at(-1) ?? '' };
}

interface Founded {
  readonly transports: Transports;
  readonly people: readonly Viewer[];
  readonly known: readonly EmittedEvent[];
  readonly size: FeedSize;
  readonly communityId: string;
}

async function addPost({ transports, people, known, size, communityId }: Founded, n: number): Promise<string> {
  const emitted: EmittedEvent[] = [];
  const as = (person: number): Session =>
    sessionOf(transports, people.at(person % people.length) ?? anonymous, known, emitted);
  const { post } = await change<{ post: { id: string } }>(
    as(n),
    'content',
    'createPost',
    { title: `Number ${n}: ${SENTENCES[n % SENTENCES.length]}`, markdown: textOf(n, 8), communityId, tags: ['bench'] },
    'post { id }',
  );
  await change(as(n), 'content', 'publishPost', { id: post.id });
  for (let c = 0; c < size.commentsPerPost; c++) {
    await change(as(n + c + 1), 'engagement', 'addComment', { postId: post.id, markdown: textOf(n + c, 2) });
  }
  if (n % 2 === 0) await change(as(-1), 'engagement', 'vote', { targetId: post.id, value: 'UP' });
  for (let v = 0; v < size.votesPerPost; v++) {
    await change(as(v % (people.length - 1)), 'engagement', 'vote', {
      targetId: post.id,
      value: (n + v) % 3 ? 'UP' : 'DOWN',
    });
  }
  return post.id;
}

/** Does `work` for 0 to `count` - 1, `width` at a time. */
async function together(width: number, count: number, work: (n: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: width }, worker));
}

const CONSUMED_MS = 90_000;

/** Waits until every event of these subgraphs has been consumed, and the events that follow from them. Throws after 90 s, saying what waits. */
export async function untilConsumed(running: readonly RunningSubgraph[]): Promise<void> {
  const deadline = Date.now() + CONSUMED_MS;
  // Twice, because the last subgraph asked may have caused an event in the first.
  for (let quiet = 0; quiet < 2;) {
    const waiting: string[] = [];
    for (const subgraph of running) waiting.push(...(await waitingIn(subgraph)));
    quiet = waiting.length === 0 ? quiet + 1 : 0;
    if (Date.now() > deadline) throw new Error(`not consumed in ${CONSUMED_MS / 1000} s: ${waiting.join(', ')}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** `12 comment.added for search`, for each type that is unsent or unconfirmed. */
async function waitingIn(subgraph: RunningSubgraph): Promise<string[]> {
  const rows = await subgraph.contextFor(systemViewer).rows<{ type: string; consumers: string; number: number }>(sql`
    select type, array_to_string(awaiting, '+') as consumers, count(*) as number from outbox
    where sent_at is null or awaiting <> '{}' group by type, awaiting`);
  return rows.map(({ type, consumers, number }) => `${number} ${type} for ${consumers || 'nobody'}`);
}
