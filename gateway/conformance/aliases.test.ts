import { conformance } from './testing/conformance.ts';
import { LINK } from './testing/federation.ts';
import { find } from './testing/rows.ts';

/** A seed bank: entities whose keys and requirements clients cover up with aliases of other fields. */
const seeds = [
  { id: 's1', code: 'K1', name: 'Rye', year: 1990, parent: 's2' },
  { id: 's2', code: 'K2', name: 'Oat', year: 2001, parent: null },
];
const reference = { __resolveReference: (given: object) => given };
const subgraphs = {
  bank: {
    typeDefs: `${LINK}
      type Query { seeds: [Seed!]!  seed(id: ID!): Seed  box: Box }
      type Mutation { sow(id: ID!): Seed }
      type Seed @key(fields: "id") @key(fields: "code") {
        id: ID!  code: ID!  name: String  year: Int  parent: Seed  grade(of: Int, by: String): String
      }
      type Box @key(fields: "place { shelf }") { place: Place!  seeds: [Seed!] }
      type Place { shelf: Int!  room: Int }
    `,
    resolvers: {
      Query: {
        seeds: () => seeds,
        seed: (_: unknown, { id }: { id: string }) => find(seeds, 'id', id),
        box: () => ({ place: { shelf: 4, room: 9 }, seeds }),
      },
      Mutation: { sow: (_: unknown, { id }: { id: string }) => find(seeds, 'id', id) },
      Seed: {
        __resolveReference: ({ id, code }: { id?: string; code?: string }) =>
          seeds.find((seed) => seed.id === id || seed.code === code) ?? null,
        parent: ({ parent }: { parent: string }) => find(seeds, 'id', parent),
        grade: ({ id }: { id: string }, { of, by }: { of?: number; by?: string }) => `${id}:${of}:${by}`,
      },
    },
  },
  lab: {
    typeDefs: `${LINK}
      type Query { toString: String  constructor: Seed  hasOwnProperty: Int  valueOf: [Seed] }
      type Seed @key(fields: "id") {
        id: ID!
        year: Int @external
        age: Int @requires(fields: "year")
        rate(days: Int! = 1): Float
        then: String
      }
      type Box @key(fields: "place { shelf }") { place: Place! @external  damp: Boolean }
      type Place { shelf: Int! @external }
    `,
    resolvers: {
      Query: {
        toString: () => 'text',
        constructor: () => ({ id: 's1' }),
        hasOwnProperty: () => 1,
        valueOf: () => [{ id: 's2' }],
      },
      Seed: {
        ...reference,
        age: ({ year }: { year: number }) => 2020 - year,
        rate: (_: unknown, { days }: { days: number }) => days / 2,
        then: () => 'now',
      },
      Box: { ...reference, damp: ({ place }: { place: { shelf: number } }) => place.shelf === 4 },
    },
  },
};

const HIDDEN = 'its planner takes the alias and the key or requirement of that name for one field';

conformance('aliases', subgraphs, [
  {
    name: 'one field several times with other arguments',
    query: '{ seed(id: "s1") { a: grade(of: 1) b: grade(of: 2, by: "x") grade x: rate y: rate(days: 5) } }',
    data: { seed: { a: 's1:1:undefined', b: 's1:2:x', grade: 's1:undefined:undefined', x: 0.5, y: 2.5 } },
  },
  {
    name: 'one root field several times, each with fields of two subgraphs',
    query: '{ one: seed(id: "s1") { name age } two: seed(id: "s2") { age name } none: seed(id: "s3") { age } }',
    data: { one: { name: 'Rye', age: 30 }, two: { age: 19, name: 'Oat' }, none: null },
  },
  {
    name: 'names exchanged',
    query: '{ seeds { name: code code: name } }',
    data: {
      seeds: [
        { name: 'K1', code: 'Rye' },
        { name: 'K2', code: 'Oat' },
      ],
    },
  },
  {
    name: 'another field under the key’s name, where the key is needed',
    query: '{ seeds { id: name rate } }',
    data: {
      seeds: [
        { id: 'Rye', rate: 0.5 },
        { id: 'Oat', rate: 0.5 },
      ],
    },
    stockIsWrong: HIDDEN,
  },
  {
    name: 'the key under another name, and another field under its own',
    query: '{ seeds { key: id id: year age } }',
    data: {
      seeds: [
        { key: 's1', id: 1990, age: 30 },
        { key: 's2', id: 2001, age: 19 },
      ],
    },
    stockIsWrong: HIDDEN,
  },
  {
    name: 'another field under the required one’s name',
    query: '{ seeds { year: name age } }',
    data: {
      seeds: [
        { year: 'Rye', age: 30 },
        { year: 'Oat', age: 19 },
      ],
    },
    stockIsWrong: HIDDEN,
  },
  {
    name: 'an object under the key’s name',
    query: '{ seeds { id: parent { name } age } }',
    data: {
      seeds: [
        { id: { name: 'Oat' }, age: 30 },
        { id: null, age: 19 },
      ],
    },
    stockIsWrong: HIDDEN,
  },
  {
    name: 'another field under the name of a part of a key',
    query: '{ box { place { shelf: room } damp } }',
    data: { box: { place: { shelf: 9 }, damp: true } },
    stockIsWrong: HIDDEN,
  },
  {
    name: 'another field under the name of a whole key',
    query: '{ box { place: seeds { name } damp } }',
    data: { box: { place: [{ name: 'Rye' }, { name: 'Oat' }], damp: true } },
    stockIsWrong: HIDDEN,
  },
  {
    name: 'a field of another subgraph under the key’s name',
    query: '{ seeds { id: rate age } }',
    data: {
      seeds: [
        { id: 0.5, age: 30 },
        { id: 0.5, age: 19 },
      ],
    },
  },
  {
    name: 'another field under __typename’s name',
    query: '{ seeds { __typename: name rate } }',
    data: {
      seeds: [
        { __typename: 'Rye', rate: 0.5 },
        { __typename: 'Oat', rate: 0.5 },
      ],
    },
    stockIsWrong: HIDDEN,
  },
  {
    name: 'entities at two levels',
    query: '{ seeds { id: name parent { id: code age parent { id } } } }',
    data: {
      seeds: [
        { id: 'Rye', parent: { id: 'K2', age: 19, parent: null } },
        { id: 'Oat', parent: null },
      ],
    },
    stockIsWrong: HIDDEN,
  },
  {
    name: 'behind a mutation',
    query: 'mutation { id: sow(id: "s1") { id: name age: rate years: age } other: sow(id: "s2") { age } }',
    data: { id: { id: 'Rye', age: 0.5, years: 30 }, other: { age: 19 } },
    stockIsWrong: HIDDEN,
  },
]);

conformance('hostile names', subgraphs, [
  {
    name: 'names that every object of JavaScript has, as aliases',
    query: `{
      __proto__: seed(id: "s1") { __proto__: name constructor: age }
      hasOwnProperty: seeds { toString: rate valueOf: name }
    }`,
    data: JSON.parse(
      `{ "__proto__": { "__proto__": "Rye", "constructor": 30 },
         "hasOwnProperty": [{ "toString": 0.5, "valueOf": "Rye" }, { "toString": 0.5, "valueOf": "Oat" }] }`,
    ) as Record<string, unknown>,
  },
  {
    name: 'as fields',
    query: '{ toString constructor { name then } hasOwnProperty valueOf { age } }',
    data: { toString: 'text', constructor: { name: 'Rye', then: 'now' }, hasOwnProperty: 1, valueOf: [{ age: 19 }] },
  },
  {
    name: 'as fragments, variables and operations',
    query:
      'query constructor ($__proto__: ID!, $toString: Boolean!) { ...__proto__ } fragment __proto__ on Query { seed(id: $__proto__) { ...constructor } } fragment constructor on Seed { name age @include(if: $toString) }',
    variables: JSON.parse('{ "__proto__": "s1", "toString": true }') as Record<string, unknown>,
    data: { seed: { name: 'Rye', age: 30 } },
  },
  {
    name: 'as a field that is not there',
    query: '{ seeds { __proto__ } }',
    errors: [': GRAPHQL_VALIDATION_FAILED'],
  },
  {
    name: 'a promise’s method as an alias',
    query: '{ then: seeds { then catch: then } }',
    data: {
      then: [
        { then: 'now', catch: 'now' },
        { then: 'now', catch: 'now' },
      ],
    },
  },
  {
    name: 'names like the ones a gateway might use itself',
    query:
      '{ _0: seed(id: "s1") { representations: age _entities: name __typename__alias_0: code name__alias_0: year } }',
    data: { _0: { representations: 30, _entities: 'Rye', __typename__alias_0: 'K1', name__alias_0: 1990 } },
  },
]);
