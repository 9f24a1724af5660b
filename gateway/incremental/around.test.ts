import { parse, type GraphQLFieldResolver } from 'graphql';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { execute } from 'graphql';
import { createLogger } from 'kit/logger';
import { anonymous, userViewer } from 'kit/viewer';
import { startCachingGateway, testRedis } from '../cache/cache.testing.ts';
import { gatewaySettings } from '../config.ts';
import { compose } from '../conformance/testing/federation.ts';
import { createGateway, type RunningGateway } from '../gateway.ts';
import { hooksWith, startTestGateway } from '../testing/gateway.ts';
import { inProcess } from '../transport/in-process.ts';
import { allParts, merged } from './testing/parts.ts';

describe('rights', () => {
  const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.8", import: ["@key" "@authenticated"])`;
  const typeDefs = {
    shop: `${LINK} type Query { product: Product } type Product @key(fields: "id") { id: ID!  name: String  price: Int @authenticated }`,
    stock: `${LINK} type Product @key(fields: "id") { id: ID!  left: Int  supplier: Supplier @authenticated } type Supplier { name: String! }`,
  };
  const product = { id: '1', name: 'Lamp', price: 5, left: 3, supplier: { name: 'Acme' } };
  const resolvers = {
    Query: { product: (() => product) as GraphQLFieldResolver<unknown, unknown> },
    Product: { __resolveReference: () => product },
  };
  const asked: string[] = [];
  let gateway: RunningGateway;
  beforeAll(async () => {
    const transportTo = (text: string) => {
      const schema = buildSubgraphSchema([{ typeDefs: parse(text), resolvers }]);
      return inProcess(async ({ query, variables = {} }) => {
        asked.push(query);
        const { data } = await execute({ schema, document: parse(query), variableValues: { ...variables } });
        return { data: JSON.parse(JSON.stringify(data)) as Record<string, unknown> };
      });
    };
    gateway = await createGateway({
      supergraphSdl: compose({ shop: { typeDefs: typeDefs.shop }, stock: { typeDefs: typeDefs.stock } }),
      transports: { shop: transportTo(typeDefs.shop), stock: transportTo(typeDefs.stock) },
      settings: gatewaySettings({ NODE_ENV: 'test', LOG_LEVEL: 'silent', RATE_LIMITS: 'off' }),
      logger: createLogger('parts', 'silent'),
      redisUrl: null,
      port: 0,
      hooks: {
        authenticate: ({ authorization }) =>
          Promise.resolve(authorization ? userViewer('user_a', 'user', 'session_a') : anonymous),
      },
    });
  });
  afterAll(() => gateway.stop());

  const query = `{ product { name ...F @defer(label: "f") ... @defer(label: "g") { left } } } fragment F on Product { id price supplier { name } left }`;

  test('a viewer who may see everything gets it', async () => {
    const { data, errors } = merged(await allParts(gateway.url, { query }, { authorization: 'Bearer a' }));
    expect({ data, errors }).toEqual({ data: { product }, errors: [] });
  });

  test('of one who may not, nothing refused is asked for or sent, and each refusal is told', async () => {
    asked.length = 0;
    const parts = await allParts(gateway.url, { query });
    const { data, errors } = merged(parts);
    expect(data).toEqual({ product: { name: 'Lamp', id: '1', price: null, supplier: null, left: 3 } });
    expect(errors.map(({ extensions }) => extensions?.['coordinate']).sort()).toEqual([
      'Product.price',
      'Product.supplier',
    ]);
    expect(parts[0]?.pending?.map(({ label }) => label).sort()).toEqual(['f', 'g']);
    expect(asked.join()).not.toMatch(/price|supplier/);
  });

  test('a fragment of which nothing is left', async () => {
    const answered = await allParts(gateway.url, { query: '{ product { name ... @defer { price } } }' });
    expect(merged(answered).data).toEqual({ product: { name: 'Lamp', price: null } });
  });
});

describe('caches', () => {
  testRedis();
  test('keep nothing of an answer in parts, and know of what a mutation in parts has written', async () => {
    const gateway = await startCachingGateway();
    const query = '{ book(id: "1") { title ... @defer { writer { name } } } }';
    const ask = () => allParts(gateway.url, { query });
    for (let time = 0; time < 2; time++) {
      expect(await gateway.fetchesOf(async () => expect(await ask()).toHaveLength(2))).toBeGreaterThan(1);
    }
    const same = '{ book(id: "1") { title writer { name } } }';
    await gateway.cached(same, { as: 'user_a' });
    const mutation = 'mutation { renameBook(id: "1", title: "Emma") { id ... @defer { title } } }';
    await allParts(gateway.url, { query: mutation }, { authorization: 'Bearer user_a' });
    expect(await gateway.fetchesOf(() => gateway.query(same, { as: 'user_a' }))).toBeGreaterThan(0);
    await gateway.stop();
  });
});

describe('plugins', () => {
  const QUERY = '{ book(id: "1") { title ... @defer { writer { name } } } }';
  test('are given the first part, and may add to it', async () => {
    const seen: unknown[] = [];
    const plugin = {
      name: 'adds',
      onResponse: ({ answer }: { readonly answer: { readonly data?: unknown } }) => {
        seen.push(answer.data);
        return { extensions: { told: true }, headers: { 'x-told': 'yes' } };
      },
    };
    const gateway = await startTestGateway({ overrides: { hooks: { ...hooksWith(new Set()), plugins: [plugin] } } });
    const parts = await allParts(gateway.url, { query: QUERY });
    expect(seen).toEqual([{ book: { title: 'Emma' } }]);
    expect(parts[0]).toMatchObject({ data: { book: { title: 'Emma' } }, extensions: { told: true }, hasNext: true });
    expect(parts).toHaveLength(2);
    await gateway.stop();
  });

  test('that fail take the answer with them', async () => {
    const plugin = {
      name: 'fails',
      onResponse: () => {
        throw new Error('no');
      },
    };
    const gateway = await startTestGateway({ overrides: { hooks: { ...hooksWith(new Set()), plugins: [plugin] } } });
    expect(await allParts(gateway.url, { query: QUERY })).toMatchObject([
      { data: null, errors: [{ extensions: { code: 'INTERNAL_SERVER_ERROR' } }] },
    ]);
    await gateway.stop();
  });
});
