import { conformance } from './testing/conformance.ts';
import { LINK } from './testing/federation.ts';

const notes = [
  { __typename: 'Loud', id: 'n1' },
  { __typename: 'Soft', id: 'n2' },
];
const subgraphs = {
  score: {
    typeDefs: `${LINK}
      """What a score may ask."""
      type Query { notes: [Note!]!  bar: Bar  pair: Pair }
      type Mutation { play: Bar }
      interface Note { id: ID! }
      type Loud implements Note @key(fields: "id") { id: ID! }
      type Soft implements Note @key(fields: "id") { id: ID! }
      type Bar { first: Note  old: Int @deprecated(reason: "use first") }
      union Pair = Loud | Bar
      directive @quiet(level: Int = 3) on FIELD
    `,
    resolvers: {
      Query: {
        notes: () => notes,
        bar: () => ({ first: notes[1] }),
        pair: () => ({ __typename: 'Bar', first: notes[0] }),
      },
      Mutation: { play: () => ({ first: notes[0] }) },
    },
  },
  sound: {
    typeDefs: `${LINK}
      type Loud @key(fields: "id") { id: ID!  decibel: Int }
      type Soft @key(fields: "id") { id: ID!  decibel: Int }
    `,
    resolvers: {
      Loud: { __resolveReference: ({ id }: { id: string }) => ({ id, decibel: 90 }) },
      Soft: { __resolveReference: ({ id }: { id: string }) => ({ id, decibel: 20 }) },
    },
  },
};

conformance('__typename', subgraphs, [
  { name: 'at the root alone asks nobody', query: '{ __typename }', data: { __typename: 'Query' }, fetches: {} },
  {
    name: 'at the root several times, among others',
    query: '{ a: __typename bar { __typename } b: __typename __typename }',
    data: { a: 'Query', bar: { __typename: 'Bar' }, b: 'Query', __typename: 'Query' },
  },
  {
    name: 'of a mutation',
    query: 'mutation { __typename play { kind: __typename first { __typename } } last: __typename }',
    data: { __typename: 'Mutation', play: { kind: 'Bar', first: { __typename: 'Loud' } }, last: 'Mutation' },
  },
  {
    name: 'of a mutation alone',
    query: 'mutation { __typename }',
    data: { __typename: 'Mutation' },
    fetches: {},
  },
  {
    name: 'of an interface’s elements',
    query: '{ notes { __typename } }',
    data: { notes: [{ __typename: 'Loud' }, { __typename: 'Soft' }] },
  },
  {
    name: 'under aliases at every level, before and after fields of others',
    query: '{ x: notes { y: __typename ... on Loud { decibel z: __typename } ... on Soft { y: __typename decibel } } }',
    data: {
      x: [
        { y: 'Loud', decibel: 90, z: 'Loud' },
        { y: 'Soft', decibel: 20 },
      ],
    },
  },
  {
    name: 'of a union’s member',
    query: '{ pair { __typename ... on Bar { first { what: __typename ... on Loud { decibel } } } } }',
    data: { pair: { __typename: 'Bar', first: { what: 'Loud', decibel: 90 } } },
  },
  {
    name: 'an alias of __typename that is a key’s name',
    query: '{ notes { id: __typename ... on Soft { decibel } } }',
    data: { notes: [{ id: 'Loud' }, { id: 'Soft', decibel: 20 }] },
  },
]);

conformance('introspection', subgraphs, [
  {
    name: 'beside data',
    query:
      '{ __type(name: "Bar") { kind name fields(includeDeprecated: true) { name isDeprecated deprecationReason } } bar { first { id } } }',
    data: {
      __type: {
        kind: 'OBJECT',
        name: 'Bar',
        fields: [
          { name: 'first', isDeprecated: false, deprecationReason: null },
          { name: 'old', isDeprecated: true, deprecationReason: 'use first' },
        ],
      },
      bar: { first: { id: 'n2' } },
    },
  },
  {
    name: 'alone asks nobody, with variables and fragments',
    query: `query ($name: String!, $old: Boolean = false) { one: __type(name: $name) { ...T } two: __type(name: "Nowhere") { ...T } __schema { queryType { name description } mutationType { name } subscriptionType { name } } }
      fragment T on __Type { name fields(includeDeprecated: $old) { name type { kind ofType { name } } } possibleTypes { name } }`,
    variables: { name: 'Note' },
    data: {
      one: {
        name: 'Note',
        fields: [{ name: 'id', type: { kind: 'NON_NULL', ofType: { name: 'ID' } } }],
        possibleTypes: [{ name: 'Loud' }, { name: 'Soft' }],
      },
      two: null,
      __schema: {
        queryType: { name: 'Query', description: 'What a score may ask.' },
        mutationType: { name: 'Mutation' },
        subscriptionType: null,
      },
    },
    fetches: {},
  },
  {
    name: 'knows nothing of federation',
    query:
      '{ a: __type(name: "_Entity") { name } b: __type(name: "_Service") { name } c: __type(name: "join__Graph") { name } d: __type(name: "link__Import") { name } __type(name: "Query") { fields { name } } }',
    data: {
      a: null,
      b: null,
      c: null,
      d: null,
      __type: { fields: [{ name: 'notes' }, { name: 'bar' }, { name: 'pair' }] },
    },
  },
  {
    name: 'is no part of a mutation',
    query: 'mutation { play { first { id } } __schema { queryType { name } } }',
    errors: [': GRAPHQL_VALIDATION_FAILED'],
  },
]);
