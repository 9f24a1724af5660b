import type { SubgraphRequest } from 'kit/request';
import { startSecond } from 'kit/testing/second';
import { until } from 'kit/testing/until';
import { compose, LINK } from '../conformance/testing/federation.ts';
import { createTestGraph } from '../testing/graph.ts';
import { inProcess } from '../transport/in-process.ts';
import { emit, startCachingGateway, testRedis, type CachingGateway } from './cache.testing.ts';

const redis = testRedis();
const settings = { RESPONSE_CACHE: 'off' };
const hints = { Writer: { maxAge: 60, scope: 'PUBLIC' }, 'Writer.readBy': { scope: 'PRIVATE' } } as const;
const named = { Writer: { maxAge: 60 }, 'Writer.name': { scope: 'PUBLIC' } } as const;
const tagsOf = ({ aggregateId }: { aggregateId: string }) => [`Writer:${aggregateId}`];

/** A gateway whose every request to `people` is noted. */
async function start(
  own: Parameters<typeof startCachingGateway>[0],
): Promise<CachingGateway & { asked: SubgraphRequest[] }> {
  const graph = createTestGraph();
  const asked: SubgraphRequest[] = [];
  const transports = {
    library: inProcess(graph.subgraphs.library),
    people: inProcess((request, hop) => {
      asked.push(request);
      return graph.subgraphs.people(request, hop);
    }),
  };
  const gateway = await startCachingGateway(own, {
    environment: settings,
    overrides: { transports, supergraphSdl: graph.supergraphSdl },
  });
  return Object.assign(gateway, { asked });
}

let gateway: CachingGateway & { asked: SubgraphRequest[] };
beforeAll(async () => {
  gateway = await start({ hints, producers: ['library'], tagsOf });
});
afterAll(() => gateway.stop());

const NAME = '{ book(id: 1) { title writer { name } } }';
const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const askedDuring = async (work: () => Promise<unknown>): Promise<number> => {
  const before = gateway.asked.length;
  await work();
  return gateway.asked.length - before;
};
const warm = (query: string, as?: string): Promise<boolean> =>
  until('it is kept', async () => (await askedDuring(() => gateway.query(query, as ? { as } : {}))) === 0);

test('an entity that is declared public is asked for once, whoever needs it and from wherever', async () => {
  await warm(NAME);
  const query = '{ books { writer { name } } }';
  expect(await askedDuring(() => gateway.query(query, { as: 'user_b' }))).toBe(0);
  expect((await gateway.query(query)).data).toEqual({
    books: [{ writer: { name: 'Jane' } }, { writer: { name: 'Jane' } }],
  });
});

test('a field that differs between viewers keeps each viewer’s answer apart', async () => {
  const query = '{ book(id: 1) { writer { name readBy } } }';
  await warm(query, 'user_a');
  const readBy = async (as?: string) => {
    const { data } = await gateway.query(query, as ? { as } : {});
    return (data as { book: { writer: { readBy: string } } }).book.writer.readBy;
  };
  for (let round = 0; round < 2; round++) {
    expect([await readBy('user_a'), await readBy('user_b'), await readBy()]).toEqual(['user_a', 'user_b', 'anonymous']);
  }
});

test('an event makes an entity invalid within a second', async () => {
  await warm(NAME);
  await emit(redis, 'writer.changed', 'w1');
  const [emittedAt, second] = [performance.now(), startSecond()];
  await until('the event is heard', async () => (await askedDuring(() => gateway.query(NAME))) === 1);
  expect(performance.now() - emittedAt).toBeLessThan(second());
  await sleep(1300);
  await warm(NAME);
});

test('an entity that a subgraph knows by its interface is made invalid by its own name', async () => {
  const supergraphSdl = compose({
    near: {
      typeDefs: `${LINK} type Query { book: Book }  interface Media @key(fields: "id") { id: ID! }
        type Book implements Media @key(fields: "id") { id: ID! }`,
    },
    far: { typeDefs: `${LINK} type Media @interfaceObject @key(fields: "id") { id: ID!  stars: Int }` },
  });
  let asked = 0;
  const far = inProcess(async () => ({ data: { _entities: [{ __typename: 'Media', stars: ++asked }] } }));
  const near = inProcess(async () => ({ data: { book: { __typename: 'Book', id: 'b1' } } }));
  const own = await startCachingGateway(
    { hints: { Media: { maxAge: 60 } }, producers: ['library'], tagsOf: ({ aggregateId }) => [`Book:${aggregateId}`] },
    { environment: settings, overrides: { supergraphSdl, transports: { near, far } } },
  );
  const stars = async () => ((await own.query('{ book { stars } }')).data as { book: { stars: number } }).book.stars;
  try {
    await until('it is kept', async () => (await stars()) === (await stars()));
    const kept = await stars();
    await emit(redis, 'writer.changed', 'b1');
    await until('the event is heard', async () => (await stars()) > kept);
  } finally {
    await own.stop();
  }
});

test('mutations, and who has just written, read afresh', async () => {
  await warm(NAME, 'user_a');
  const mutation = 'mutation { renameBook(id: 1, title: "Emma") { writer { name } } }';
  expect(await askedDuring(() => gateway.query(mutation, { as: 'user_a' }))).toBe(1);
  expect(await askedDuring(() => gateway.query(NAME, { as: 'user_a' }))).toBe(1);
  expect(await askedDuring(() => gateway.query(NAME, { as: 'user_c' }))).toBe(0);
});

test('public fields of objects that not everybody may see are kept for each viewer apart', async () => {
  for (const [visible, fetches] of [
    [[], 1],
    [['Writer'], 0],
  ] as const) {
    const own = await start({ hints: named, visible, producers: ['library'], tagsOf });
    try {
      await until('it is kept', async () => {
        const before = own.asked.length;
        await own.query(NAME, { as: 'user_d' });
        return own.asked.length === before;
      });
      const before = own.asked.length;
      await own.query(NAME, { as: `user_e${visible.length}` });
      expect([visible, own.asked.length - before]).toEqual([visible, fetches]);
    } finally {
      await own.stop();
    }
  }
});
