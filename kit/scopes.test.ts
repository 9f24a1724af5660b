import { defineFeature, live } from './feature.ts';
import { newId } from './ids.ts';
import { anyone, defineRules, signedIn } from './rules.ts';
import { defineSubgraph } from './subgraph.ts';
import { testSubgraph } from './testing/subgraph.ts';
import { gatewayViewer, userViewer } from './viewer.ts';

const typeDefs = `
  "x" type Shelf @key(fields: "id") @requiresScopes(scopes: [["shelves:read"]]) {
    "x" id: ID!
    "x" label: String!
    "x" price: Int @requiresScopes(scopes: [["prices"], ["shelves:write", "accounts"]])
  }
  "x" type Box @key(fields: "id") { "x" id: ID! "x" shelf: Shelf }
  "x" union Thing = Shelf | Box
  extend type Query {
    "x" shelf: Shelf @requiresScopes(scopes: [["shelves:read"]])
    "x" box: Box @requiresScopes(scopes: [["boxes:read"]])
    "x" things: [Thing!]! @requiresScopes(scopes: [["boxes:read"]])
    "x" secret: String
  }
  extend type Mutation {
    "x" move: Box @requiresScopes(scopes: [["shelves:write"]])
    "x" lock: Box
  }
  extend type Subscription {
    "x" moved: Shelf @requiresScopes(scopes: [["shelves:read"]])
    "x" locked: Box
  }
`;

const moves: string[] = [];
const shelf = { __typename: 'Shelf', id: 's', label: 'a shelf', price: 3 };
const box = { __typename: 'Box', id: 'b', shelf };
const liveField = live<object, object>({ topic: async () => 'topic', load: async () => shelf });

const storage = defineSubgraph({
  name: 'storage',
  features: [
    defineFeature({
      name: 'shelf',
      typeDefs,
      rules: defineRules({
        Query: { shelf: anyone, box: anyone, things: anyone, secret: signedIn },
        Mutation: { move: anyone, lock: anyone },
        Subscription: { moved: anyone, locked: anyone },
      }),
      live: { moved: liveField, locked: liveField },
      resolvers: {
        Query: { shelf: () => shelf, box: () => box, things: () => [shelf, box], secret: () => 'secret' },
        Mutation: { move: () => (moves.push('move'), box), lock: () => (moves.push('lock'), box) },
        Shelf: { __resolveReference: () => shelf },
        Box: { __resolveReference: () => box },
      },
    }),
  ],
});

const graph = testSubgraph(storage);
const userId = newId('user');
const key = (...scopes: string[]) => ({ ...userViewer(userId), scopes });

/** Names of what came back, or the codes of what did not. */
async function seen(viewer: Parameters<typeof graph.as>[0], query: string, variables = {}): Promise<string> {
  const { data, errors } = await graph.as(viewer).run(query, variables);
  if (errors) return errors.map(({ extensions }) => String(extensions?.['code'])).join();
  return Object.keys(data ?? {}).join();
}

test('credentials without scopes of their own, such as a session, ask everything', async () => {
  for (const viewer of [userViewer(userId), gatewayViewer]) {
    expect(await seen(viewer, '{ shelf { label price } box { shelf { id } } }')).toBe('shelf,box');
  }
  expect(await seen(userViewer(userId), '{ secret }')).toBe('secret');
});

test.each([
  ['{ shelf { label } }', ['shelves:read'], 'shelf'],
  ['{ shelf { label } }', ['boxes:read'], 'FORBIDDEN'],
  ['{ shelf { label } }', [], 'FORBIDDEN'],
  ['{ secret }', ['shelves:read', 'boxes:read', 'prices', 'admin'], 'FORBIDDEN'],
  // One of the sets is enough, and each is held whole.
  ['{ shelf { price } }', ['shelves:read', 'prices'], 'shelf'],
  ['{ shelf { price } }', ['shelves:read', 'shelves:write', 'accounts'], 'shelf'],
  ['{ shelf { price } }', ['shelves:read', 'shelves:write'], 'FORBIDDEN'],
  // What is reached asks for its own.
  ['{ box { id } }', ['boxes:read'], 'box'],
  ['{ box { shelf { __typename } } }', ['boxes:read'], 'FORBIDDEN'],
  ['{ box { shelf { id } } }', ['boxes:read', 'shelves:read'], 'box'],
  ['{ things { ... on Box { id } } }', ['boxes:read'], 'things'],
  ['{ things { ... on Shelf { id } } }', ['boxes:read'], 'FORBIDDEN'],
  [
    '{ ...F } fragment F on Query { b: box { ...G } } fragment G on Box { s: shelf { id } }',
    ['boxes:read'],
    'FORBIDDEN',
  ],
])('%s with the scopes %j: %s', async (query, scopes, expected) => {
  expect(await seen(key(...scopes), query)).toBe(expected);
});

test('one root field that is refused does not take the others along', async () => {
  const { data, errors } = await graph.as(key('boxes:read')).run('{ box { id } secret }');
  expect(data).toEqual({ box: { id: 'b' }, secret: null });
  expect(errors).toHaveLength(1);
});

test('what is refused has not happened', async () => {
  expect(await seen(key('shelves:write'), 'mutation { move { id } }')).toBe('move');
  expect(await seen(key('boxes:read'), 'mutation { move { id } }')).toBe('FORBIDDEN');
  expect(await seen(key('shelves:write'), 'mutation { lock { id } }')).toBe('FORBIDDEN');
  // Its selection alone is too much.
  expect(await seen(key('shelves:write'), 'mutation { move { shelf { id } } }')).toBe('FORBIDDEN');
  expect(moves).toEqual(['move']);
});

test('the entity door asks for the scopes of each type', async () => {
  const query = 'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Box { id } } }';
  const ask = (scopes: string[], ...types: string[]) =>
    seen(key(...scopes), query, { r: types.map((__typename) => ({ __typename, id: 'x' })) });
  expect(await ask(['boxes:read'], 'Box')).toBe('_entities');
  // Nothing of it is selected, and it is not even said whether it is there.
  expect(await ask(['boxes:read'], 'Box', 'Shelf')).toBe('FORBIDDEN');
  expect(await ask(['shelves:read'], 'Box', 'Shelf')).toBe('_entities');
});

test('a subscription is refused at its start, and again at each event', async () => {
  const ask = async (scopes: string[], field: string, step: 'subscribe' | { event: object }) => {
    const hop = { viewer: key(...scopes), requestId: 'r', client: { address: '', userAgent: '' }, after: [] };
    const answer = await graph
      .running()
      .execute({ query: `subscription { ${field} { id } }`, live: step as 'subscribe' }, hop);
    return (
      answer.errors?.[0]?.extensions?.['code'] ?? answer.extensions?.topic ?? Object.keys(answer.data ?? {}).join()
    );
  };
  expect(await ask(['shelves:read'], 'moved', 'subscribe')).toBe('topic');
  expect(await ask(['boxes:read'], 'moved', 'subscribe')).toBe('FORBIDDEN');
  expect(await ask(['shelves:read'], 'moved', { event: {} })).toBe('moved');
  expect(await ask(['boxes:read'], 'moved', { event: {} })).toBe('FORBIDDEN');
  expect(await ask(['boxes:read'], 'locked', 'subscribe')).toBe('FORBIDDEN');
});

test('a refusal names what it takes', async () => {
  const { errors } = await graph.as(key('shelves:read')).run('{ shelf { price } }');
  expect(errors?.[0]?.message).toContain('Shelf.price: it takes prices, or shelves:write and accounts');
});
