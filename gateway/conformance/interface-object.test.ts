import { conformance } from './testing/conformance.ts';
import { LINK } from './testing/federation.ts';
import { byKey } from './testing/rows.ts';

/** A lending library of things: the inventory knows the kinds, desk and survey add to all of them without knowing any. */
const items = [
  { __typename: 'Tool', id: 'o1', label: 'Saw', teeth: 40 },
  { __typename: 'Game', id: 'o2', label: 'Go', players: 2 },
];
const loans = [
  { id: 'o1', due: 3, lender: { id: 'o2' } },
  { id: 'o2', due: null, lender: null },
];
const byId = (given: { id: string }) => items.find(({ id }) => id === given.id) ?? null;

const subgraphs = {
  inventory: {
    typeDefs: `${LINK}
      type Query { items: [Item!]!  tool: Tool  toys: [Toy] }
      union Toy = Game
      interface Item @key(fields: "id") { id: ID!  label: String! }
      type Tool implements Item @key(fields: "id") { id: ID!  label: String!  teeth: Int }
      type Game implements Item @key(fields: "id") { id: ID!  label: String!  players: Int }
    `,
    resolvers: {
      Query: { items: () => items, tool: () => items[0] },
      Item: { __resolveReference: byId },
      Tool: { __resolveReference: byId },
      Game: { __resolveReference: byId },
    },
  },
  desk: {
    typeDefs: `${LINK}
      type Query { loaned: [Item!]!  lost: Item }
      type Item @key(fields: "id") @interfaceObject {
        id: ID!
        due: Int
        lender: Item
        label: String! @external
        ticket: String @requires(fields: "label")
      }
    `,
    resolvers: {
      Query: { loaned: () => loans, lost: () => ({ id: 'o9', due: 1 }) },
      Item: { ...byKey(loans, 'id'), ticket: ({ id, label }: { id: string; label?: string }) => `${id}/${label}` },
    },
  },
  survey: {
    typeDefs: `${LINK}
      type Item @key(fields: "id") @interfaceObject {
        id: ID!
        due: Int @external
        marks: [Int!]!
        isLate: Boolean @requires(fields: "due")
      }
    `,
    resolvers: {
      Item: {
        __resolveReference: (given: object) => given,
        marks: ({ id }: { id: string }) => (id === 'o1' ? [5, 4] : []),
        isLate: ({ due }: { due?: number | null }) => (due === undefined ? 'never' : (due ?? 0) > 2),
      },
    },
  },
  crafts: {
    typeDefs: `${LINK}
      type Tool @key(fields: "id") { id: ID!  sharpener: String }
    `,
    resolvers: { Tool: { __resolveReference: ({ id }: { id: string }) => ({ id, sharpener: 'Ines' }) } },
  },
};

conformance('@interfaceObject', subgraphs, [
  {
    name: 'adds a field to every type',
    query: '{ items { label due } }',
    data: {
      items: [
        { label: 'Saw', due: 3 },
        { label: 'Go', due: null },
      ],
    },
    fetches: { inventory: 1, desk: 1 },
  },
  {
    name: 'and the field is each type’s own too',
    query: '{ items { ... on Tool { teeth due } ... on Game { players marks } } tool { due marks } }',
    data: {
      items: [
        { teeth: 40, due: 3 },
        { players: 2, marks: [] },
      ],
      tool: { due: 3, marks: [5, 4] },
    },
  },
  {
    name: 'the type comes from the subgraph that knows it',
    query: '{ loaned { __typename id due } }',
    data: {
      loaned: [
        { __typename: 'Tool', id: 'o1', due: 3 },
        { __typename: 'Game', id: 'o2', due: null },
      ],
    },
  },
  {
    name: 'and is not asked for where nothing needs it',
    query: '{ loaned { id due } }',
    data: {
      loaned: [
        { id: 'o1', due: 3 },
        { id: 'o2', due: null },
      ],
    },
    fetches: { desk: 1 },
  },
  {
    name: 'a type’s own fields from where the type is not known',
    query: '{ loaned { due ... on Tool { teeth sharpener } ... on Game { players } } }',
    data: {
      loaned: [
        { due: 3, teeth: 40, sharpener: 'Ines' },
        { due: null, players: 2 },
      ],
    },
  },
  {
    name: 'from one interface object to another, past the types',
    query: '{ loaned { due marks } }',
    data: {
      loaned: [
        { due: 3, marks: [5, 4] },
        { due: null, marks: [] },
      ],
    },
  },
  {
    name: 'requires a field of the interface',
    query: '{ items { ticket } loaned { ticket } }',
    data: { items: [{ ticket: 'o1/Saw' }, { ticket: 'o2/Go' }], loaned: [{ ticket: 'o1/Saw' }, { ticket: 'o2/Go' }] },
  },
  {
    name: 'requires a field of another interface object',
    query: '{ items { isLate } tool { isLate } }',
    data: { items: [{ isLate: true }, { isLate: false }], tool: { isLate: true } },
  },
  {
    name: 'requires on one type only',
    query: '{ items { id ... on Game { isLate ticket } } }',
    data: { items: [{ id: 'o1' }, { id: 'o2', isLate: false, ticket: 'o2/Go' }] },
  },
  {
    name: 'leads to itself',
    query: '{ loaned { lender { __typename label due ... on Game { players } } } }',
    data: { loaned: [{ lender: { __typename: 'Game', label: 'Go', due: null, players: 2 } }, { lender: null }] },
  },
  {
    name: 'one that nobody knows the type of is null',
    query: '{ lost { __typename due } }',
    data: { lost: null },
  },
  {
    name: 'a fragment on a type that it is not, and __typename under an alias',
    query: '{ loaned { kind: __typename ... on Game { kind: __typename players } } }',
    data: { loaned: [{ kind: 'Tool' }, { kind: 'Game', players: 2 }] },
  },
  {
    name: '__typename of an object whose type is known, beside what the interface object adds',
    query: '{ tool { __typename due marks } items { __typename due } }',
    data: {
      tool: { __typename: 'Tool', due: 3, marks: [5, 4] },
      items: [
        { __typename: 'Tool', due: 3 },
        { __typename: 'Game', due: null },
      ],
    },
    stockIsWrong: 'it takes the interface object’s __typename for the object’s',
  },
  {
    name: 'a fragment on a union of the types, where the type is not known',
    query: '{ loaned { due ... on Toy { __typename ... on Game { players } } } }',
    data: { loaned: [{ due: 3 }, { due: null, __typename: 'Game', players: 2 }] },
    stockIsWrong: 'its planner fails: an interface object has no edge for __typename',
  },
  {
    name: 'what one type requires is not required of the others',
    query: '{ items { marks ... on Tool { ticket } } }',
    data: { items: [{ marks: [5, 4], ticket: 'o1/Saw' }, { marks: [] }] },
  },
  {
    name: 'in one lookup too',
    query: '{ items { due ... on Game { ticket players } } }',
    data: { items: [{ due: 3 }, { due: null, ticket: 'o2/Go', players: 2 }] },
    stockIsWrong: 'it asks nothing of an object that lacks what only the others require',
  },
  {
    name: 'in a second lookup of the subgraph that handed them out',
    query: '{ loaned { label ... on Tool { ticket marks } due ... on Game { isLate } } }',
    data: {
      loaned: [
        { label: 'Saw', ticket: 'o1/Saw', marks: [5, 4], due: 3 },
        { label: 'Go', due: null, isLate: false },
      ],
    },
    stockIsWrong: 'it takes the interface object’s __typename for the object’s',
  },
]);

/** The desk may not be asked about what it does not itself hand out. */
const closed = {
  inventory: {
    typeDefs: `${LINK}
      type Query { item: Item }
      interface Item @key(fields: "id") { id: ID! }
      type Tool implements Item @key(fields: "id") { id: ID!  teeth: Int }
    `,
    resolvers: {
      Query: { item: () => items[0] },
      Item: { __resolveReference: byId },
      Tool: { __resolveReference: byId },
    },
  },
  desk: {
    typeDefs: `${LINK}
      type Query { loaned: Item  places: Place }
      type Item @key(fields: "id", resolvable: false) @interfaceObject { id: ID! }
      interface Place @key(fields: "id") { id: ID! }
    `,
    resolvers: { Query: { loaned: () => ({ id: 'o1' }), places: () => null } },
  },
  maps: {
    typeDefs: `${LINK}
      type Query { place: Place }
      type Place @key(fields: "id", resolvable: false) @interfaceObject { id: ID!  street: String }
    `,
    resolvers: { Query: { place: () => ({ id: 'h1', street: 'Mill Lane' }) } },
  },
};

conformance('@interfaceObject that is not resolvable', closed, [
  {
    name: 'is a stub of its owner’s',
    query: '{ loaned { id __typename } }',
    data: { loaned: { id: 'o1', __typename: 'Tool' } },
  },
  { name: 'leads to a type’s fields', query: '{ loaned { ... on Tool { teeth } } }', data: { loaned: { teeth: 40 } } },
  {
    name: 'keeps its own fields',
    query: '{ place { id street } }',
    data: { place: { id: 'h1', street: 'Mill Lane' } },
  },
  {
    name: 'cannot be asked for fields of objects from elsewhere, and says so',
    query: '{ places { street } }',
    errors: [': QUERY_PLANNING_FAILED'],
    stockIsWrong: 'it plans nothing and answers null without an error',
  },
]);
