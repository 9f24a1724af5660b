import { buildSubgraphSchema } from '@apollo/subgraph';
import DataLoader from 'dataloader';
import { type GraphQLScalarType, type GraphQLSchema } from 'graphql';
import { type SubgraphName, typeDefs } from './graph.ts';

/** The schemas that both set-ups serve: the same resolvers, over rows in memory, that ask through loaders as the product's do. */

const POSTS = 200;
const PEOPLE = 12;
const COMMENTS_PER_POST = 10;
const SENTENCE = 'I was afraid of the migration, and then it was a joy that nobody had promised. ';
const DAY_ZERO = Date.UTC(2026, 0, 1);
const LABELS = ['POSITIVE', 'NEUTRAL', 'NEGATIVE'] as const;

const idOf = (kind: string, number: number): string => `${kind}_01k${String(number).padStart(23, '0')}`;
const numberOf = (id: string): number => Number(id.slice(-23));
const timeOf = (number: number): Date => new Date(DAY_ZERO + number * 60_000);
const list = <Item>(count: number, of: (number: number) => Item): Item[] =>
  Array.from({ length: count }, (_, number) => of(number));

interface Comment {
  readonly id: string;
  readonly html: string;
  readonly createdAt: Date;
  readonly authorId: string;
}

const posts = list(POSTS, (number) => ({
  id: idOf('post', number),
  title: `Number ${number}: ${SENTENCE}`,
  excerpt: SENTENCE.repeat(2 + (number % 2)),
  publishedAt: timeOf(number),
  authorId: idOf('user', number % PEOPLE),
}));
const people = new Map(
  list(PEOPLE, (number) => ({ id: idOf('user', number), username: `reader${number}`, name: `Reader ${number}` })).map(
    (one) => [one.id, one],
  ),
);
const commentsOf = new Map<string, readonly Comment[]>(
  posts.map(({ id }, post) => [
    id,
    list(COMMENTS_PER_POST, (number) => ({
      id: idOf('comment', post * COMMENTS_PER_POST + number),
      html: `<p>${SENTENCE}</p>`,
      createdAt: timeOf(post + number),
      authorId: idOf('user', (post + number) % PEOPLE),
    })),
  ]),
);
const countsOf = (number: number) => ({
  up: number % 7,
  down: number % 3,
  score: (number % 7) - (number % 3),
  comments: COMMENTS_PER_POST,
  bookmarks: number % 5,
});
const sentimentOf = (number: number) => ({
  score: (number % 20) / 10 - 1,
  label: LABELS[number % 3],
  confidence: (number % 10) / 10,
});

/** What each request has of its own: who asks, and the loaders. */
export interface BenchContext {
  readonly viewerId: string | null;
  readonly load: ReturnType<typeof loadersFor>;
}

export const contextFor = (viewerId: string | null): BenchContext => ({ viewerId, load: loadersFor(viewerId) });

function loadersFor(viewerId: string | null) {
  const loader = <Row>(read: (id: string) => Row) =>
    new DataLoader<string, Row>((ids) => Promise.resolve(ids.map((id) => read(id))));
  return {
    person: loader((id) => people.get(id) ?? null),
    counts: loader((id) => countsOf(numberOf(id))),
    vote: loader((id) => (viewerId !== null && numberOf(id) % 2 === 0 ? 'UP' : null)),
    comments: loader((id) => commentsOf.get(id) ?? []),
    sentiment: loader((id) => sentimentOf(numberOf(id))),
  };
}

interface Reference {
  readonly id: string;
}

function connectionOf<Row extends Reference>(rows: readonly Row[], first: number) {
  const edges = rows.slice(0, first).map((node) => ({ cursor: Buffer.from(node.id).toString('base64url'), node }));
  return {
    edges,
    pageInfo: {
      hasNextPage: rows.length > first,
      hasPreviousPage: false,
      startCursor: edges[0]?.cursor,
      endCursor: edges.at(-1)?.cursor,
    },
  };
}

const author = ({ authorId }: { authorId: string }) => ({ id: authorId });
const itself = ({ id }: Reference): Promise<Reference> => Promise.resolve({ id });

const resolvers = {
  content: {
    Query: { posts: (_: unknown, { first }: { first: number }) => connectionOf(posts, first) },
    Post: { author },
  },
  users: { User: { __resolveReference: ({ id }: Reference, ctx: BenchContext) => ctx.load.person.load(id) } },
  engagement: {
    Post: {
      __resolveReference: itself,
      counts: ({ id }: Reference, _: unknown, ctx: BenchContext) => ctx.load.counts.load(id),
      viewerVote: ({ id }: Reference, _: unknown, ctx: BenchContext) => ctx.load.vote.load(id),
      comments: async ({ id }: Reference, { first }: { first: number }, ctx: BenchContext) =>
        connectionOf(await ctx.load.comments.load(id), first),
    },
    Comment: { author },
  },
  insights: {
    Post: {
      __resolveReference: itself,
      sentiment: ({ id }: Reference, _: unknown, ctx: BenchContext) => ctx.load.sentiment.load(id),
    },
  },
};

export function schemaOf(name: SubgraphName): GraphQLSchema {
  const schema = buildSubgraphSchema([{ typeDefs: typeDefs[name], resolvers: resolvers[name] as never }]);
  const dateTime = schema.getType('DateTime') as GraphQLScalarType;
  dateTime.serialize = (value) => (value as Date).toISOString();
  return schema;
}
