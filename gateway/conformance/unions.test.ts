import { conformance } from './testing/conformance.ts';
import { LINK } from './testing/federation.ts';
import { byKey } from './testing/rows.ts';

/** A market: each subgraph’s union has other members, and only what all know of a field may come out of it. */
const apple = { __typename: 'Fruit', id: 'f1', name: 'Apple', sweet: true };
const leek = { __typename: 'Root', id: 'e1', depth: 12 };
const brie = { __typename: 'Cheese', id: 'q1', fat: 45 };
const rows = [apple, leek, brie];

const subgraphs = {
  stalls: {
    typeDefs: `${LINK}
      type Query {
        goods: [Good!]! @shareable
        basket: Basket
        mixed: [Any]
        piles: [[Good!]]
      }
      union Good = Fruit | Root
      union Any = Fruit | Basket
      type Basket @key(fields: "id") { id: ID!  best: Good @shareable  owner: String }
      type Fruit @key(fields: "id") { id: ID!  name: String! }
      type Root @key(fields: "id") { id: ID!  depth: Int }
    `,
    resolvers: {
      Query: {
        goods: () => [apple, leek],
        basket: () => ({ id: 'k1', best: apple, owner: 'Mira' }),
        mixed: () => [{ __typename: 'Basket', id: 'k1', best: apple, owner: 'Mira' }, null, apple],
        piles: () => [[apple], [], null, [leek, apple]],
      },
      Basket: { __resolveReference: () => ({ id: 'k1', best: apple, owner: 'Mira' }) },
      Fruit: byKey(rows, 'id'),
      Root: byKey(rows, 'id'),
    },
  },
  dairy: {
    typeDefs: `${LINK}
      type Query { goods: [Good!]! @shareable  board: [Good!]! }
      union Good = Fruit | Cheese
      type Fruit @key(fields: "id") { id: ID!  sweet: Boolean }
      type Cheese @key(fields: "id") { id: ID!  fat: Int }
      type Basket @key(fields: "id") { id: ID!  best: Good @shareable  weight: Int }
    `,
    resolvers: {
      Query: { goods: () => [apple, brie], board: () => [brie, apple] },
      Fruit: byKey(rows, 'id'),
      Cheese: byKey(rows, 'id'),
      Basket: { __resolveReference: () => ({ id: 'k1', best: apple, weight: 9 }) },
    },
  },
};

conformance('unions', subgraphs, [
  {
    name: 'members that one subgraph does not know come from the other',
    query: '{ board { __typename ... on Cheese { fat } ... on Fruit { name sweet } } }',
    data: {
      board: [
        { __typename: 'Cheese', fat: 45 },
        { __typename: 'Fruit', name: 'Apple', sweet: true },
      ],
    },
  },
  {
    name: 'a member that the subgraph’s union lacks is never asked for there',
    query: '{ board { ... on Root { depth } ... on Cheese { fat } } }',
    data: { board: [{ fat: 45 }, {}] },
    fetches: { dairy: 1 },
  },
  {
    name: 'only impossible members leave empty objects',
    query: '{ board { ... on Root { depth } } }',
    data: { board: [{}, {}] },
    fetches: { dairy: 1 },
  },
  {
    name: '__typename alone, twice',
    query: '{ board { __typename kind: __typename } }',
    data: {
      board: [
        { __typename: 'Cheese', kind: 'Cheese' },
        { __typename: 'Fruit', kind: 'Fruit' },
      ],
    },
  },
  {
    name: 'a field shared by two unions, one of which is enough',
    query: '{ basket { best { ... on Fruit { name } } owner } }',
    data: { basket: { best: { name: 'Apple' }, owner: 'Mira' } },
    fetches: { stalls: 1 },
  },
  {
    name: 'members of the one union and of the other, when it is neither',
    query: '{ basket { best { ... on Root { depth } ... on Cheese { fat } } weight } }',
    data: { basket: { best: {}, weight: 9 } },
  },
  {
    name: 'unions within unions',
    query: '{ mixed { ... on Basket { owner weight best { __typename } } ... on Fruit { sweet name } } }',
    data: {
      mixed: [{ owner: 'Mira', weight: 9, best: { __typename: 'Fruit' } }, null, { sweet: true, name: 'Apple' }],
    },
  },
  {
    name: 'lists of lists of a union',
    query: '{ piles { ... on Fruit { sweet } ... on Root { depth } } }',
    data: { piles: [[{ sweet: true }], [], null, [{ depth: 12 }, { sweet: true }]] },
  },
  {
    name: 'different fields of one shape under one name',
    query:
      '{ board { ... on Cheese { value: fat } ... on Root { value: depth } } basket { best { ... on Root { value: depth } ... on Fruit { name } ... on Cheese { other: fat } } } }',
    data: { board: [{ value: 45 }, {}], basket: { best: { name: 'Apple' } } },
  },
  {
    name: 'one name for fields of two subgraphs',
    query: '{ piles { ... on Fruit { id: sweet } } board { ... on Fruit { id: name } } }',
    data: { piles: [[{ id: true }], [], null, [{}, { id: true }]], board: [{}, { id: 'Apple' }] },
  },
]);
