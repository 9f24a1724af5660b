import { metrics } from 'kit/metrics';
import { Redis } from 'ioredis';
import { startInProcess } from '../local/in-process.ts';
import { freePort } from '../local/port.ts';
import { FEED, type Feed, type FeedAnswer, makeFeed, PASSWORD, untilConsumed } from '../tools/bench/feed.ts';
import { Frontend, signIn } from './setup/client.ts';
import { prepareStores, type Stores } from './setup/graph.ts';

/** The bar: all five databases, access checks and the session's included, BEGIN and COMMIT apart. */
const STATEMENTS_AT_MOST = 12;

/**
 * users: the keys, the session, authors of posts, authors of comments. content: the posts. engagement: counts, votes,
 * comments. insights: sentiment. Who may see the posts is part of each.
 */
const EXPECTED = { users: 4, content: 1, engagement: 3, insights: 1 };

let stores: Stores;
let feed: Feed;
let token: string | null;

/** Without sharing: on a busy machine the authors of posts are still on their way when those of comments, the same, are asked for. */
const start = async () =>
  startInProcess({ ...stores.environment, FETCH_SHARING: 'off', PORT: String(await freePort()) });

beforeAll(async () => {
  stores = await prepareStores();
  const graph = await start();
  try {
    feed = await makeFeed(
      graph.transports,
      { posts: 102, people: 5, commentsPerPost: 4, votesPerPost: 2 },
      'statements',
    );
    ({ token } = await signIn(graph.url, feed.readerName, PASSWORD));
    await untilConsumed(graph.running);
  } finally {
    await graph.stop();
  }
});
afterAll(() => stores.drop());

async function statementsSoFar(): Promise<Record<string, number>> {
  const metric = await metrics.getSingleMetric('broadsheet_sql_statements_total')?.get();
  return Object.fromEntries((metric?.values ?? []).map(({ labels, value }) => [String(labels['subgraph']), value]));
}

/** Asks once of a graph that has just started on an emptied Redis: nothing is remembered, not even a key or a session. */
async function askCold(first: number): Promise<{ posts: FeedAnswer['posts']; statements: Record<string, number> }> {
  const redis = new Redis(stores.environment['REDIS_URL'] ?? '');
  await redis.flushdb();
  redis.disconnect();
  const graph = await start();
  try {
    await untilConsumed(graph.running);
    const before = await statementsSoFar();
    const { posts } = await new Frontend(graph.url, token).data<FeedAnswer>(FEED, {
      first,
      communityId: feed.communityId,
    });
    const after = await statementsSoFar();
    const spent = Object.entries(after).map(([name, count]) => [name, count - (before[name] ?? 0)] as const);
    return { posts, statements: Object.fromEntries(spent.filter(([, count]) => count > 0)) };
  } finally {
    await graph.stop();
  }
}

/** The reader has voted on every other post, and titles say the number. */
const isVotedOn = (title: string): boolean => Number(/\d+/.exec(title)?.[0]) % 2 === 0;

const sum = (numbers: Record<string, number>): number => Object.values(numbers).reduce((a, b) => a + b, 0);

test('a cold feed of 20 posts and of 100 cost the same few statements', async () => {
  const twenty = await askCold(20);
  const hundred = await askCold(100);
  for (const [{ posts }, length] of [
    [twenty, 20],
    [hundred, 100],
  ] as const) {
    expect(posts.edges).toHaveLength(length);
    for (const { node } of posts.edges) {
      expect(node.author?.username).toMatch(/^statements/);
      expect(node.counts?.comments).toBe(4);
      expect(node.sentiment?.label).toMatch(/POSITIVE|NEUTRAL|NEGATIVE/);
      expect(node.comments?.edges.map(({ node: comment }) => comment.author?.username)).toEqual(
        Array.from({ length: 3 }, () => expect.stringMatching(/^statements/) as string),
      );
    }
    expect(posts.edges.map(({ node }) => node.viewerVote)).toEqual(
      posts.edges.map(({ node }) => (isVotedOn(node.title) ? 'UP' : null)),
    );
  }
  expect(twenty.statements).toEqual(EXPECTED);
  expect(hundred.statements).toEqual(EXPECTED);
  expect(sum(EXPECTED)).toBeLessThanOrEqual(STATEMENTS_AT_MOST);
});
