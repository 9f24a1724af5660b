import { conformance } from './testing/conformance.ts';
import { fail, LINK } from './testing/federation.ts';
import { byKey } from './testing/rows.ts';

/** Orchards: a scale and a lab measure trees, and whoever grades them must never be asked to grade from nothing. */
const trees = [
  { __typename: 'Pear', id: 't1', kilos: 40 },
  { __typename: 'Plum', id: 't2', kilos: 9 },
];

interface Known {
  readonly id: string;
  readonly kilos?: number;
  readonly sugar?: { readonly percent?: number } | null;
  readonly label?: string;
}
const needs = <T>(value: T | undefined): T => value ?? fail('COMPUTED_FROM_NOTHING');

const subgraphs = {
  orchard: {
    typeDefs: `${LINK}
      type Query { trees: [Tree!]! }
      interface Tree @key(fields: "id") { id: ID!  label: String }
      type Pear implements Tree @key(fields: "id") { id: ID!  label: String }
      type Plum implements Tree @key(fields: "id") { id: ID!  label: String }
    `,
    resolvers: {
      Query: { trees: () => trees },
      Tree: { __resolveReference: ({ id }: Known) => trees.find((tree) => tree.id === id) },
      Pear: { ...byKey(trees, 'id'), label: ({ id }: Known) => `pear ${id}` },
      Plum: { ...byKey(trees, 'id'), label: ({ id }: Known) => `plum ${id}` },
    },
  },
  scale: {
    typeDefs: `${LINK}
      type Pear @key(fields: "id") { id: ID!  kilos: Int  sugar: Sugar }
      type Plum @key(fields: "id") { id: ID!  kilos: Int }
      type Sugar @key(fields: "id") { id: ID! }
    `,
    resolvers: {
      Pear: { ...byKey(trees, 'id'), kilos: () => fail('SCALE'), sugar: () => ({ id: 's1' }) },
      Plum: { __resolveReference: () => null },
    },
  },
  lab: {
    typeDefs: `${LINK}
      type Sugar @key(fields: "id") { id: ID!  percent: Int }
    `,
    isDown: true,
  },
  grades: {
    typeDefs: `${LINK}
      type Pear @key(fields: "id") {
        id: ID!
        kilos: Int @external
        sugar: Sugar @external
        grade: String @requires(fields: "kilos")
        taste: Int @requires(fields: "sugar { percent }")
        age: Int
      }
      type Plum @key(fields: "id") {
        id: ID!
        kilos: Int @external
        grade: String @requires(fields: "kilos")
        age(in: String): Int
      }
      type Sugar @key(fields: "id") { id: ID!  percent: Int @external }
    `,
    resolvers: {
      Pear: {
        __resolveReference: (given: Known) => given,
        grade: ({ kilos }: Known) => (kilos === null ? 'unweighed' : String(needs(kilos))),
        taste: ({ sugar }: Known) => (sugar === null ? null : needs(needs(sugar).percent)),
        age: () => 7,
      },
      Plum: {
        __resolveReference: (given: Known) => given,
        grade: ({ kilos }: Known) => String(needs(kilos)),
        age: (_: Known, given: { in?: string }) => (given.in === 'months' ? 36 : 3),
      },
    },
  },
  shop: {
    typeDefs: `${LINK}
      type Tree @key(fields: "id") @interfaceObject {
        id: ID!
        label: String @external
        sign: String @requires(fields: "label")
        price: Int
      }
    `,
    resolvers: {
      Tree: {
        __resolveReference: (given: Known) => given,
        sign: ({ label }: Known) => needs(label).toUpperCase(),
        price: ({ id }: Known) => id.length,
      },
    },
  },
};

conformance('@requires of what is missing', subgraphs, [
  {
    name: 'a null is there: it is what is required',
    query: '{ trees { ... on Pear { grade } } }',
    data: { trees: [{ grade: 'unweighed' }, {}] },
    errors: ['trees.0.kilos: SCALE'],
  },
  {
    name: 'an entity that nobody has found leaves what is computed from it null, and nothing else',
    query: 'query ($in: String) { trees { ... on Plum { grade age(in: $in) } } }',
    variables: { in: 'months' },
    data: { trees: [{}, { grade: null, age: 36 }] },
  },
  {
    name: 'a subgraph that is down leaves what is computed from it null, and nothing else',
    query: '{ trees { ... on Pear { taste age grade } } }',
    data: { trees: [{ taste: null, age: 7, grade: 'unweighed' }, {}] },
    errors: ['trees.0.kilos: SCALE', 'trees: SUBGRAPH_UNAVAILABLE'],
  },
  {
    name: 'where nothing else is asked of the subgraph, it is not asked',
    query: '{ trees { ... on Plum { grade } } }',
    data: { trees: [{}, { grade: null }] },
    fetches: { orchard: 1, scale: 1 },
  },
  {
    name: 'a field that is selected on one type is not computed for the others',
    query: '{ trees { price ... on Pear { sign } } }',
    data: { trees: [{ price: 2, sign: 'PEAR T1' }, { price: 2 }] },
    stockIsWrong: 'it asks nothing of an object that lacks what only the others require',
  },
]);
