import { conformance } from './testing/conformance.ts';
import { LINK } from './testing/federation.ts';

/** A garden: what gardeners keep to themselves is used inside the graph and cannot be seen from outside. */
const plants = [
  { id: 'n1', code: 'k-1', name: 'Fern', light: 'SHADE', height: 30 },
  { id: 'n2', code: 'k-2', name: 'Hemp', light: 'SECRET', height: 90 },
];
const things = [
  { __typename: 'Plant', ...plants[0] },
  { __typename: 'Trap', id: 'z', bait: 'beer' },
];

const subgraphs = {
  beds: {
    typeDefs: `${LINK}
      type Query {
        plants: [Plant!]!
        things: [Thing]
        named: [Named]
        traps: [Trap] @inaccessible
        lit(by: Light): [Plant!]
        pick(by: Pick, secret: Int = 7 @inaccessible): String
      }
      enum Light { SUN SHADE SECRET @inaccessible }
      input Pick { name: String  secret: String = "hidden" @inaccessible }
      union Thing = Plant | Trap
      interface Named { id: ID!  bait: String @inaccessible }
      type Plant implements Named @key(fields: "code") {
        id: ID!  code: ID! @inaccessible  name: String!  light: Light  bait: String @inaccessible
      }
      type Trap implements Named @inaccessible { id: ID!  bait: String }
    `,
    resolvers: {
      Query: {
        plants: () => plants,
        things: () => things,
        named: () => things,
        lit: (_: unknown, { by }: { by: string }) => plants.filter(({ light }) => light === by),
        pick: (_: unknown, given: { by: { secret: string } | null; secret: number }) =>
          `${given.by?.secret} ${given.secret}`,
      },
    },
  },
  measures: {
    typeDefs: `${LINK}
      type Plant @key(fields: "code") { code: ID!  height: Int @inaccessible }
    `,
    resolvers: {
      Plant: {
        __resolveReference: ({ code }: { code: string }) => plants.find((plant) => plant.code === code) ?? null,
      },
    },
  },
  advice: {
    typeDefs: `${LINK}
      type Plant @key(fields: "code") { code: ID!  height: Int @external  advice: String @requires(fields: "height") }
    `,
    resolvers: {
      Plant: {
        __resolveReference: (given: object) => given,
        advice: ({ height }: { height: number }) => (height > 50 ? 'cut' : 'leave'),
      },
    },
  },
};

const REFUSED = ': GRAPHQL_VALIDATION_FAILED';

conformance('@inaccessible', subgraphs, [
  {
    name: 'an inaccessible key and an inaccessible requirement work inside',
    query: '{ plants { name advice } }',
    data: {
      plants: [
        { name: 'Fern', advice: 'leave' },
        { name: 'Hemp', advice: 'cut' },
      ],
    },
  },
  { name: 'an inaccessible field cannot be asked for', query: '{ plants { code } }', errors: [REFUSED] },
  { name: 'nor another subgraph’s', query: '{ plants { height } }', errors: [REFUSED] },
  { name: 'nor a root field', query: '{ traps { id } }', errors: [REFUSED] },
  { name: 'nor a type', query: '{ things { ... on Trap { bait } } }', errors: [REFUSED] },
  { name: 'nor an argument', query: '{ pick(secret: 8) }', errors: [REFUSED] },
  { name: 'nor an input field', query: '{ pick(by: { secret: "x" }) }', errors: [REFUSED] },
  { name: 'nor an enum value as input', query: '{ lit(by: SECRET) { name } }', errors: [REFUSED] },
  {
    name: 'nor an enum value in a variable',
    query: 'query ($by: Light) { lit(by: $by) { name } }',
    variables: { by: 'SECRET' },
    errors: [': BAD_USER_INPUT'],
  },
  {
    name: 'an input field that cannot be seen keeps its default',
    query: '{ pick(by: { name: "x" }) }',
    data: { pick: 'hidden 7' },
  },
  {
    name: 'a value of an enum that cannot be seen is null',
    query: '{ plants { light } }',
    data: { plants: [{ light: 'SHADE' }, { light: null }] },
    errors: ['plants.1.light: SUBGRAPH_INVALID_VALUE'],
  },
  {
    name: 'a type that cannot be seen is null in a union',
    query: '{ things { __typename ... on Plant { name } } }',
    data: { things: [{ __typename: 'Plant', name: 'Fern' }, null] },
    errors: ['things.1: SUBGRAPH_INVALID_VALUE'],
  },
  {
    name: 'and in an interface',
    query: '{ named { id } }',
    data: { named: [{ id: 'n1' }, null] },
    errors: ['named.1: SUBGRAPH_INVALID_VALUE'],
  },
  {
    name: 'introspection does not know it',
    query:
      '{ light: __type(name: "Light") { enumValues { name } } plant: __type(name: "Plant") { fields { name } } trap: __type(name: "Trap") { name } }',
    data: {
      light: { enumValues: [{ name: 'SUN' }, { name: 'SHADE' }] },
      plant: { fields: [{ name: 'advice' }, { name: 'id' }, { name: 'name' }, { name: 'light' }] },
      trap: null,
    },
  },
]);
