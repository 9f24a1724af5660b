import { compose, LINK } from '../conformance/testing/federation.ts';
import { allParts, merged } from '../incremental/testing/parts.ts';
import { startTestGateway, type TestGateway } from '../testing/gateway.ts';
import { inProcess } from '../transport/in-process.ts';

/** A subgraph that answers whatever a test wants, of its schema or not. */
const supergraphSdl = compose({
  odd: {
    typeDefs: `${LINK}
      interface Node { id: ID! }
      interface Named implements Node { id: ID!  name: String }
      interface Dated { date: String }
      type Person implements Named & Node & Dated { id: ID!  name: String  date: String }
      union Anything = Person
      type Query {
        node: Node
        named: [Named]
        anything: Anything
        other: String
        int: Int
        ints: [Int]
        float: Float
        id: ID
        ids: [ID!]
      }`,
  },
});
let answer: Record<string, unknown> = {};
let gateway: TestGateway;
beforeAll(async () => {
  const odd = inProcess(() => Promise.resolve({ data: structuredClone(answer) }));
  gateway = await startTestGateway({ overrides: { supergraphSdl, transports: { odd } } });
});
afterAll(() => gateway.stop());

async function shaped(query: string, data: Record<string, unknown>) {
  answer = data;
  const { data: got, errors = [] } = await gateway.query(query);
  return { data: got, invalid: errors.map(({ path, extensions }) => [extensions['code'], path?.join('.')]) };
}
const invalid = (path: string) => ['SUBGRAPH_INVALID_VALUE', path];

test.each([Infinity, NaN])('a Float of %s, which JSON cannot say, is an invalid value', async (float) => {
  expect(await shaped('{ float }', { float })).toEqual({ data: { float: null }, invalid: [invalid('float')] });
  expect(await shaped('{ float }', { float: 1e300 })).toEqual({ data: { float: 1e300 }, invalid: [] });
});

describe('types', () => {
  test('the name of an interface that has nothing to do with the field’s is an invalid value', async () => {
    const named = [
      { __typename: 'Person', name: 'a' },
      { __typename: 'Dated', name: 'b' },
    ];
    expect(await shaped('{ other named { name } }', { other: 'x', named })).toEqual({
      data: { other: 'x', named: [{ name: 'a' }, null] },
      invalid: [invalid('named.1')],
    });
  });

  test('so is that of a wider interface, and any in a union', async () => {
    const named = [{ __typename: 'Node', id: '1', name: 'a' }];
    expect(await shaped('{ named { name } }', { named })).toEqual({
      data: { named: [null] },
      invalid: [invalid('named.0')],
    });
    const anything = { __typename: 'Named', name: 'a' };
    expect(await shaped('{ anything { ... on Named { name } } }', { anything })).toEqual({
      data: { anything: null },
      invalid: [invalid('anything')],
    });
  });

  test('the field’s own interface and a narrower one stand for themselves', async () => {
    const query = '{ node { id ... on Named { name } } named { name } }';
    const data = { node: { id: '1', name: 'a' }, named: [{ name: 'b' }] };
    const node = { __typename: 'Named', ...data.node };
    const named = [{ __typename: 'Named', name: 'b' }];
    expect(await shaped(query, { node, named })).toEqual({ data, invalid: [] });
  });
});

describe('scalars', () => {
  test('an integer of more than 32 bits is none', async () => {
    const ints = [2 ** 31 - 1, -(2 ** 31), 2 ** 31, -(2 ** 31) - 1, 1.5, '1', 0, null];
    expect(await shaped('{ int ints }', { int: 3e9, ints })).toEqual({
      data: { int: null, ints: [2 ** 31 - 1, -(2 ** 31), null, null, null, null, 0, null] },
      invalid: [invalid('int'), ...[2, 3, 4, 5].map((index) => invalid(`ints.${index}`))],
    });
  });

  test('an ID that is a number is its text', async () => {
    expect(await shaped('{ id ids }', { id: 5, ids: ['a', 0, 2 ** 40] })).toEqual({
      data: { id: '5', ids: ['a', '0', '1099511627776'] },
      invalid: [],
    });
    expect(await shaped('{ id ids }', { id: 1.5, ids: [true] })).toEqual({
      data: { id: null, ids: null },
      invalid: [invalid('id'), invalid('ids.0')],
    });
  });
});

describe('many invalid values', () => {
  const ints = Array<string>(200_000).fill('');
  const nulls = Array<null>(200_000).fill(null);
  const first = Array.from({ length: 100 }, (_, index) => invalid(`ints.${index}`));

  test('are all null, and a hundred are told', async () => {
    expect(await shaped('{ other ints }', { other: 'x', ints })).toEqual({
      data: { other: 'x', ints: nulls },
      invalid: first,
    });
  });

  test('in a deferred part as well', async () => {
    answer = { other: 'x', ints };
    const { data, errors } = merged(await allParts(gateway.url, { query: '{ other ... @defer { ints } }' }));
    expect(data).toEqual({ other: 'x', ints: nulls });
    expect(errors.map(({ path }) => path?.join('.'))).toEqual(first.map(([, path]) => path));
  });
});
