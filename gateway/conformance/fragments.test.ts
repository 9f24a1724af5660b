import { conformance } from './testing/conformance.ts';
import { LINK } from './testing/federation.ts';

/** A hospital for machines: fragments in every form over types that two subgraphs share. */
const units = [
  { __typename: 'Pump', id: 'u1', model: 'P', litres: 10, ward: { __typename: 'Hall', name: 'Big', size: 3 } },
  { __typename: 'Fan', id: 'u2', model: 'F', blades: 4, ward: { __typename: 'Yard', name: 'Out', isPaved: true } },
  { __typename: 'Lamp', id: 'u3', model: 'L', ward: null },
];
const repair = {
  cost: 7,
  parts: [
    { label: 'belt', price: 2 },
    { label: 'bolt', price: 1 },
  ],
};
const reference = { __resolveReference: (given: object) => given, repair: () => repair };

const subgraphs = {
  units: {
    typeDefs: `${LINK}
      type Query { units: [Unit!]!  unit: Unit  powered: [Powered!]!  hall: Hall }
      interface Unit { id: ID!  model: String  ward: Ward }
      interface Powered implements Unit { id: ID!  model: String  ward: Ward }
      union Ward = Hall | Yard
      type Hall { name: String  size: Int }
      type Yard { name: String  isPaved: Boolean }
      type Pump implements Unit & Powered @key(fields: "id") { id: ID!  model: String  ward: Ward  litres: Int  twin: Pump }
      type Fan implements Unit & Powered @key(fields: "id") { id: ID!  model: String  ward: Ward  blades: Int }
      type Lamp implements Unit @key(fields: "id") { id: ID!  model: String  ward: Ward }
    `,
    resolvers: {
      Query: { units: () => units, unit: () => units[0], powered: () => units.slice(0, 2), hall: () => units[0]?.ward },
      Pump: { twin: () => units[0] },
    },
  },
  repairs: {
    typeDefs: `${LINK}
      interface Repaired { repair: Repair }
      type Repair { cost: Int  parts: [Part!] }
      type Part { label: String  price: Int }
      type Pump implements Repaired @key(fields: "id") { id: ID!  repair: Repair }
      type Fan implements Repaired @key(fields: "id") { id: ID!  repair: Repair }
    `,
    resolvers: { Pump: reference, Fan: reference },
  },
};

conformance('fragments', subgraphs, [
  {
    name: 'one fragment in several places',
    query: '{ unit { ...U } units { ...U } } fragment U on Unit { id ... on Pump { litres repair { cost } } }',
    data: {
      unit: { id: 'u1', litres: 10, repair: { cost: 7 } },
      units: [{ id: 'u1', litres: 10, repair: { cost: 7 } }, { id: 'u2' }, { id: 'u3' }],
    },
  },
  {
    name: 'fragments of fragments of fragments',
    query: `{ units { ...A } }
      fragment A on Unit { ...B ward { ...W } } fragment B on Powered { ...C model } fragment C on Repaired { repair { ...R } }
      fragment R on Repair { parts { ...P } cost } fragment P on Part { label } fragment W on Ward { ... on Hall { ...H } __typename } fragment H on Hall { size }`,
    data: {
      units: [
        {
          repair: { parts: [{ label: 'belt' }, { label: 'bolt' }], cost: 7 },
          model: 'P',
          ward: { size: 3, __typename: 'Hall' },
        },
        {
          repair: { parts: [{ label: 'belt' }, { label: 'bolt' }], cost: 7 },
          model: 'F',
          ward: { __typename: 'Yard' },
        },
        { ward: null },
      ],
    },
  },
  {
    name: 'one object’s selections from several fragments are one selection, in order of first mention',
    query: `{ unit { ...A repair2: id ...B ... on Pump { repair { cost } } } }
      fragment A on Pump { repair { parts { price } } } fragment B on Unit { ... on Repaired { repair { parts { label } cost } } model }`,
    data: {
      unit: {
        repair: {
          parts: [
            { price: 2, label: 'belt' },
            { price: 1, label: 'bolt' },
          ],
          cost: 7,
        },
        repair2: 'u1',
        model: 'P',
      },
    },
  },
  {
    name: 'conditions that narrow',
    query:
      '{ units { ... on Powered { ... on Unit { ... on Fan { blades } ... on Pump { id } } } ... on Repaired { ... on Powered { model } } } }',
    data: { units: [{ id: 'u1', model: 'P' }, { blades: 4, model: 'F' }, {}] },
  },
  {
    name: 'conditions that widen',
    query: '{ powered { ... on Unit { ... on Lamp { id } ward { ... on Yard { isPaved } } } } }',
    data: { powered: [{ ward: {} }, { ward: { isPaved: true } }] },
  },
  {
    name: 'on the root, named and not',
    query:
      '{ ...Q ... on Query { unit { id } } ... { unit { model } } } fragment Q on Query { unit { ward { ... on Hall { name } } } }',
    data: { unit: { ward: { name: 'Big' }, id: 'u1', model: 'P' } },
  },
  {
    name: 'one name for fields of different types in different members',
    query: '{ units { ward { ... on Hall { mark: size } ... on Yard { mark: isPaved } } } }',
    errors: [': GRAPHQL_VALIDATION_FAILED'],
  },
  {
    name: 'one name for different objects in different members',
    query:
      '{ units { ... on Pump { x: repair { cost } } ... on Fan { x: ward { ... on Yard { name } } } ... on Lamp { x: ward { __typename } } } }',
    data: { units: [{ x: { cost: 7 } }, { x: { name: 'Out' } }, { x: null }] },
  },
  {
    name: 'one name for one field with other arguments in different members',
    query: '{ units { id ... on Pump { a: litres } ... on Fan { a: blades } ... on Fan { repair { a: cost } } } }',
    data: { units: [{ id: 'u1', a: 10 }, { id: 'u2', a: 4, repair: { a: 7 } }, { id: 'u3' }] },
  },
  {
    name: 'the same field a hundred times',
    query: `{ units { ${'model '.repeat(100)} ${'... on Pump { litres repair { cost } } '.repeat(30)} } }`,
    data: { units: [{ model: 'P', litres: 10, repair: { cost: 7 } }, { model: 'F' }, { model: 'L' }] },
    fetches: { units: 1, repairs: 1 },
  },
  {
    name: 'on an abstract type around an object’s only type, where nobody asks for __typename',
    query:
      '{ unit { ... on Pump { twin { ... on Unit { model ... on Pump { litres } } ... on Repaired { repair { cost } } ... on Powered { id } } } } }',
    data: { unit: { twin: { model: 'P', litres: 10, repair: { cost: 7 }, id: 'u1' } } },
  },
  {
    name: 'on a union around its member',
    query: '{ hall { ... on Ward { ... on Hall { size name } ... on Yard { isPaved } } } }',
    data: { hall: { size: 3, name: 'Big' } },
    stockIsWrong: 'it leaves out fragments on abstract types where the data has no __typename',
  },
  {
    name: 'a fragment of itself',
    query: '{ unit { ...A } } fragment A on Unit { ...A }',
    errors: [': GRAPHQL_VALIDATION_FAILED'],
  },
  { name: 'a fragment that is not there', query: '{ unit { ...Z } }', errors: [': GRAPHQL_VALIDATION_FAILED'] },
]);
