import { conformance } from './testing/conformance.ts';
import { LINK } from './testing/federation.ts';
import { byKey } from './testing/rows.ts';

/** A bakery: stock keeps what loaves are, pricing and shipping compute from it what they cannot know themselves. */
const loaves = [
  {
    id: 'l1',
    grams: 500,
    origin: { mill: 'North', flour: { kind: 'rye', ash: 1150 } },
    wrap: { __typename: 'Paper', sheets: 2 },
    seeds: [
      { name: 'poppy', share: 2 },
      { name: 'sesame', share: 3 },
    ],
  },
  { id: 'l2', grams: null, origin: null, wrap: { __typename: 'Tin', litres: 1.5 }, seeds: [] },
  { id: 'l3', grams: 750, origin: { mill: null, flour: { kind: 'wheat', ash: 405 } }, wrap: null, seeds: null },
];

interface Loaf {
  grams?: number | null;
  price?: number | null;
  tax?: number | null;
  origin?: { mill?: string | null; flour: { kind: string; ash: number } } | null;
  wrap?: { __typename: string; sheets?: number; litres?: number } | null;
  seeds?: { share: number }[] | null;
}

const given = { __resolveReference: (reference: object) => reference };
/** Tells a field that was not brought from one that is null. */
const brought = <T>(value: T | undefined, what: string): T => {
  if (value === undefined) throw new Error(`${what} was required and not brought`);
  return value;
};

const subgraphs = {
  stock: {
    typeDefs: `${LINK}
      type Query { loaves: [Loaf!]! }
      type Loaf @key(fields: "id") { id: ID!  grams: Int  origin: Origin  wrap: Wrap  seeds: [Seed!] }
      type Origin { mill: String  flour: Flour! }
      type Flour { kind: String!  ash: Int! }
      type Seed { name: String!  share: Int! }
      interface Wrap { weight: Int }
      type Paper implements Wrap { weight: Int  sheets: Int! }
      type Tin implements Wrap { weight: Int  litres: Float! }
    `,
    resolvers: {
      Query: { loaves: () => loaves },
      Loaf: byKey(loaves, 'id'),
      Paper: { weight: () => 3 },
      Tin: { weight: () => 90 },
    },
  },
  pricing: {
    typeDefs: `${LINK}
      type Loaf @key(fields: "id") {
        id: ID!
        grams: Int @external
        price: Int @requires(fields: "grams")
        discount: Int!
      }
    `,
    resolvers: {
      Loaf: {
        ...given,
        price: ({ grams }: Loaf) => (brought(grams, 'grams') === null ? null : Number(grams) * 2),
        discount: () => 5,
      },
    },
  },
  taxes: {
    typeDefs: `${LINK}
      type Loaf @key(fields: "id") { id: ID!  price: Int @external  tax: Int @requires(fields: "price") }
    `,
    resolvers: {
      Loaf: { ...given, tax: ({ price }: Loaf) => (brought(price, 'price') === null ? null : Number(price) / 10) },
    },
  },
  shipping: {
    typeDefs: `${LINK}
      type Loaf @key(fields: "id") {
        id: ID!
        grams: Int @external
        tax: Int @external
        origin: Origin @external
        wrap: Wrap @external
        seeds: [Seed!] @external
        route: String @requires(fields: "origin { mill flour { kind } }")
        ash: Int @requires(fields: "origin { flour { ash } }")
        total: Int @requires(fields: "grams tax")
        box: String @requires(fields: "wrap { __typename weight ... on Paper { sheets } ... on Tin { litres } }")
        filling: Int @requires(fields: "seeds { share }")
      }
      type Origin { mill: String @external  flour: Flour! @external }
      type Flour { kind: String! @external  ash: Int! @external }
      type Seed { share: Int! @external }
      interface Wrap { weight: Int }
      type Paper implements Wrap { weight: Int @external  sheets: Int! @external }
      type Tin implements Wrap { weight: Int @external  litres: Float! @external }
    `,
    resolvers: {
      Loaf: {
        ...given,
        route: ({ origin }: Loaf) => {
          const known = brought(origin, 'origin');
          return known && `${known.mill ?? 'unknown'}/${known.flour.kind}`;
        },
        ash: ({ origin }: Loaf) => brought(origin, 'origin')?.flour.ash ?? null,
        total: ({ grams, tax }: Loaf) => Number(brought(grams, 'grams')) + Number(brought(tax, 'tax')),
        box: ({ wrap }: Loaf) => {
          const known = brought(wrap, 'wrap');
          return known && `${known.__typename} ${known.sheets ?? known.litres ?? '?'}`;
        },
        filling: ({ seeds }: Loaf) => brought(seeds, 'seeds')?.reduce((sum, { share }) => sum + share, 0) ?? null,
      },
    },
  },
};

const each = (name: string, ...values: unknown[]) => ({ loaves: values.map((value) => ({ [name]: value })) });

conformance('@requires', subgraphs, [
  {
    name: 'a scalar is brought, and is null where it is null',
    query: '{ loaves { price } }',
    data: each('price', 1000, null, 1500),
    fetches: { stock: 1, pricing: 1 },
  },
  {
    name: 'what was required does not show',
    query: '{ loaves { id price discount } }',
    data: {
      loaves: [
        { id: 'l1', price: 1000, discount: 5 },
        { id: 'l2', price: null, discount: 5 },
        { id: 'l3', price: 1500, discount: 5 },
      ],
    },
  },
  {
    name: 'a chain of requirements over three subgraphs',
    query: '{ loaves { tax } }',
    data: each('tax', 100, null, 150),
  },
  {
    name: 'requirements from two subgraphs, one of which has its own',
    query: '{ loaves { total grams } }',
    data: {
      loaves: [
        { total: 600, grams: 500 },
        { total: 0, grams: null },
        { total: 900, grams: 750 },
      ],
    },
  },
  {
    name: 'nested objects are brought with nulls on the way',
    query: '{ loaves { route } }',
    data: each('route', 'North/rye', null, 'unknown/wheat'),
  },
  {
    name: 'two requirements of one object are brought together',
    query: '{ loaves { route ash } }',
    data: {
      loaves: [
        { route: 'North/rye', ash: 1150 },
        { route: null, ash: null },
        { route: 'unknown/wheat', ash: 405 },
      ],
    },
    fetches: { stock: 1, shipping: 1 },
  },
  {
    name: 'a requirement of an object asked for in part as well',
    query: '{ loaves { origin { flour { kind } } ash } }',
    data: {
      loaves: [
        { origin: { flour: { kind: 'rye' } }, ash: 1150 },
        { origin: null, ash: null },
        { origin: { flour: { kind: 'wheat' } }, ash: 405 },
      ],
    },
  },
  {
    name: 'an interface with fragments is brought with what each type has',
    query: '{ loaves { box } }',
    data: each('box', 'Paper 2', 'Tin 1.5', null),
  },
  { name: 'lists are brought as lists', query: '{ loaves { filling } }', data: each('filling', 5, 0, null) },
  {
    name: 'a list asked for in another selection as well',
    query: '{ loaves { seeds { name } filling } }',
    data: {
      loaves: [
        { seeds: [{ name: 'poppy' }, { name: 'sesame' }], filling: 5 },
        { seeds: [], filling: 0 },
        { seeds: null, filling: null },
      ],
    },
  },
  {
    name: 'the required field under an alias of the client’s',
    query: '{ loaves { weight: grams price } }',
    data: {
      loaves: [
        { weight: 500, price: 1000 },
        { weight: null, price: null },
        { weight: 750, price: 1500 },
      ],
    },
  },
  {
    name: 'the computed field twice, under aliases',
    query: '{ loaves { one: price two: price } }',
    data: {
      loaves: [
        { one: 1000, two: 1000 },
        { one: null, two: null },
        { one: 1500, two: 1500 },
      ],
    },
  },
  {
    name: 'nothing is brought for a computed field that is skipped',
    query: 'query ($no: Boolean!) { loaves { id tax @include(if: $no) } }',
    variables: { no: false },
    data: each('id', 'l1', 'l2', 'l3'),
    fetches: { stock: 1 },
  },
]);

/** Two subgraphs each of which needs the other’s last word. */
const bouts = [
  { id: 'b1', opening: 'e4' },
  { id: 'b2', opening: 'd4' },
];
const circular = {
  white: {
    typeDefs: `${LINK}
      type Query { bouts: [Bout!]! }
      type Bout @key(fields: "id") {
        id: ID!
        opening: String!
        reply: String @external
        second: String @requires(fields: "reply")
      }
    `,
    resolvers: {
      Query: { bouts: () => bouts },
      Bout: { ...byKey(bouts, 'id'), second: ({ reply }: { reply?: string }) => `${brought(reply, 'reply')} 2.` },
    },
  },
  black: {
    typeDefs: `${LINK}
      type Bout @key(fields: "id") {
        id: ID!
        opening: String! @external
        second: String @external
        reply: String @requires(fields: "opening")
        last: String @requires(fields: "second")
      }
    `,
    resolvers: {
      Bout: {
        ...given,
        reply: ({ opening }: { opening?: string }) => `${brought(opening, 'opening')} 1.`,
        last: ({ second }: { second?: string }) => `${brought(second, 'second')} 3.`,
      },
    },
  },
};

const MERGED = 'its planner merges a requirement’s requirement into the first fetch, before what it needs is there';

conformance('@requires to and fro', circular, [
  {
    name: 'two moves between two subgraphs',
    query: '{ bouts { second } }',
    data: { bouts: [{ second: 'e4 1. 2.' }, { second: 'd4 1. 2.' }] },
  },
  {
    name: 'the last of three moves between two subgraphs',
    query: '{ bouts { last } }',
    data: { bouts: [{ last: 'e4 1. 2. 3.' }, { last: 'd4 1. 2. 3.' }] },
    stockIsWrong: MERGED,
  },
  {
    name: 'every move in one answer',
    query: '{ bouts { last reply second opening } }',
    data: {
      bouts: [
        { last: 'e4 1. 2. 3.', reply: 'e4 1.', second: 'e4 1. 2.', opening: 'e4' },
        { last: 'd4 1. 2. 3.', reply: 'd4 1.', second: 'd4 1. 2.', opening: 'd4' },
      ],
    },
    stockIsWrong: MERGED,
  },
]);
