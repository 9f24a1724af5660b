import { conformance } from './testing/conformance.ts';
import { LINK } from './testing/federation.ts';
import { byKey } from './testing/rows.ts';

/** Things that fly: the hangar knows the machines, the aviary the birds, and the tower sees both. */
const flyers = [
  { __typename: 'Glider', id: 'x1', span: 15, wing: { __typename: 'Fabric', area: 12 } },
  { __typename: 'Heron', id: 'x2', span: 2, wing: null },
  { __typename: 'Balloon', id: 'x3', span: 0, wing: null },
];
const heights = [
  { id: 'x1', height: 900 },
  { id: 'x2', height: 40 },
  { id: 'x3', height: null },
];

const subgraphs = {
  tower: {
    typeDefs: `${LINK}
      type Query { flyers: [Flyer!]!  machines: [Machine!]!  pairs: [[Flyer]!] }
      interface Flyer { id: ID!  span: Int! }
      interface Machine implements Flyer { id: ID!  span: Int! }
      type Glider implements Flyer & Machine @key(fields: "id") { id: ID!  span: Int! @shareable  wing: Wing }
      type Balloon implements Flyer & Machine @key(fields: "id") { id: ID!  span: Int! }
      type Heron implements Flyer @key(fields: "id") { id: ID!  span: Int! }
      interface Wing { area: Int }
      type Fabric implements Wing { area: Int  threads: Int }
      type Metal implements Wing { area: Int }
    `,
    resolvers: {
      Query: {
        flyers: () => flyers,
        machines: () => [flyers[0], flyers[2]],
        pairs: () => [[flyers[0], null], [], [flyers[1], flyers[2]]],
      },
      Glider: byKey(flyers, 'id'),
      Balloon: byKey(flyers, 'id'),
      Heron: byKey(flyers, 'id'),
      Fabric: { threads: () => 99 },
    },
  },
  hangar: {
    typeDefs: `${LINK}
      type Glider @key(fields: "id") { id: ID!  pilot: String!  owner: Owner  height: Int }
      type Balloon @key(fields: "id") { id: ID!  pilot: String!  gas: String  height: Int }
      type Owner { name: String! }
    `,
    resolvers: {
      Glider: { ...byKey(heights, 'id'), pilot: () => 'Otto', owner: () => ({ name: 'Club' }) },
      Balloon: { ...byKey(heights, 'id'), pilot: () => 'Sophie', gas: () => 'air' },
    },
  },
  aviary: {
    typeDefs: `${LINK}
      interface Measured { height: Int  ring: String }
      type Query { measured: [Measured!]! }
      type Heron implements Measured @key(fields: "id") { id: ID!  height: Int  ring: String  mate: Heron }
    `,
    resolvers: {
      Query: { measured: () => [{ __typename: 'Heron', id: 'x2', height: 40, ring: 'r2' }] },
      Heron: { ...byKey(heights, 'id'), ring: () => 'r2', mate: () => ({ id: 'x2', height: 40 }) },
    },
  },
};

conformance('interfaces', subgraphs, [
  {
    name: 'fields of the interface alone',
    query: '{ flyers { id span } }',
    data: {
      flyers: [
        { id: 'x1', span: 15 },
        { id: 'x2', span: 2 },
        { id: 'x3', span: 0 },
      ],
    },
    fetches: { tower: 1 },
  },
  {
    name: 'each type’s own fields come from the subgraph that has them',
    query: '{ flyers { id ... on Glider { pilot } ... on Heron { ring } ... on Balloon { pilot gas } } }',
    data: {
      flyers: [
        { id: 'x1', pilot: 'Otto' },
        { id: 'x2', ring: 'r2' },
        { id: 'x3', pilot: 'Sophie', gas: 'air' },
      ],
    },
  },
  {
    name: 'the same response name for a nullable field and one that is not is refused',
    query: '{ flyers { ... on Glider { what: pilot } ... on Heron { what: ring } ... on Balloon { what: gas } } }',
    errors: [': GRAPHQL_VALIDATION_FAILED', ': GRAPHQL_VALIDATION_FAILED'],
  },
  {
    name: 'the same response name for fields of one shape and different types',
    query: '{ flyers { ... on Glider { at: height } ... on Heron { at: height } ... on Balloon { label: gas } } }',
    data: { flyers: [{ at: 900 }, { at: 40 }, { label: 'air' }] },
  },
  {
    name: 'and for different fields of one shape',
    query: '{ flyers { ... on Balloon { what: gas } ... on Heron { what: ring } } }',
    data: { flyers: [{}, { what: 'r2' }, { what: 'air' }] },
  },
  {
    name: 'an interface within an interface narrows',
    query: '{ flyers { ... on Machine { id __typename ... on Balloon { gas } } } }',
    data: { flyers: [{ id: 'x1', __typename: 'Glider' }, {}, { id: 'x3', __typename: 'Balloon', gas: 'air' }] },
  },
  {
    name: 'an interface that only one subgraph has, on another one’s objects',
    query: '{ flyers { span ... on Measured { height ring } } }',
    data: { flyers: [{ span: 15 }, { span: 2, height: 40, ring: 'r2' }, { span: 0 }] },
  },
  {
    name: 'from that interface back',
    query: '{ measured { height ... on Flyer { span id } ... on Heron { mate { span } } } }',
    data: { measured: [{ height: 40, span: 2, id: 'x2', mate: { span: 2 } }] },
  },
  {
    name: 'an object of an interface inside',
    query:
      '{ machines { ... on Glider { wing { area ... on Fabric { threads } ... on Metal { __typename } } owner { name } } span } }',
    data: { machines: [{ wing: { area: 12, threads: 99 }, owner: { name: 'Club' }, span: 15 }, { span: 0 }] },
  },
  {
    name: 'lists of lists of an interface',
    query: '{ pairs { __typename ... on Glider { pilot } ... on Balloon { pilot } } }',
    data: {
      pairs: [
        [{ __typename: 'Glider', pilot: 'Otto' }, null],
        [],
        [{ __typename: 'Heron' }, { __typename: 'Balloon', pilot: 'Sophie' }],
      ],
    },
  },
  {
    name: 'a type that no element has asks nobody',
    query: '{ machines { id ... on Flyer { ... on Heron { ring } } } }',
    data: { machines: [{ id: 'x1' }, { id: 'x3' }] },
    fetches: { tower: 1 },
  },
]);
