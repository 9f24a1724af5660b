import { conformance } from './testing/conformance.ts';
import { LINK } from './testing/federation.ts';

/** Lighthouses, whose lamps another subgraph knows: what is asked of a lighthouse may be nothing at all. */
const subgraphs = {
  coast: {
    typeDefs: `${LINK}
      type Query { light: Light  dark: Light  lights: [Light]! }
      interface Sign { id: ID! }
      type Light implements Sign @key(fields: "id") { id: ID!  next: Light }
      type Buoy implements Sign { id: ID! }
    `,
    resolvers: {
      Query: { light: () => ({ id: 'l1' }), dark: () => null, lights: () => [{ id: 'l1' }, null] },
      Light: { next: ({ id }: { id: string }) => (id === 'l1' ? { id: 'l2' } : null) },
    },
  },
  lamps: {
    typeDefs: `${LINK}
      type Light @key(fields: "id") { id: ID!  lumen: Int }
    `,
    resolvers: { Light: { lumen: () => 900 } },
  },
};

const LEFT_OUT = 'its planner leaves out an object of which conditions leave nothing';
const no = { no: false };

conformance('conditions that leave nothing of an object', subgraphs, [
  {
    name: 'leave the object, or its null',
    query: 'query ($no: Boolean!) { light { lumen @include(if: $no) } dark { lumen @include(if: $no) } }',
    variables: no,
    data: { light: {}, dark: null },
    fetches: { coast: 1 },
  },
  {
    name: 'that were never to hold, with the objects below',
    query: `query ($no: Boolean!) {
      light { next @include(if: false) { lumen } ... @skip(if: true) { lumen } ...Never lumen @include(if: $no) }
    }
    fragment Never on Light { next @skip(if: true) { lumen } }`,
    variables: no,
    data: { light: {} },
    fetches: { coast: 1 },
  },
  {
    name: 'where the object has a condition too',
    query: 'query ($no: Boolean!, $yes: Boolean!) { light @include(if: $yes) { ... @include(if: $no) { lumen } } }',
    variables: { no: false, yes: true },
    data: { light: {} },
    stockIsWrong: LEFT_OUT,
  },
  {
    name: 'where nothing but the object’s own condition may hold: what is asked of it is of other types',
    query: `query ($yes: Boolean!) {
      light @include(if: $yes) { ... on Sign { ... on Buoy { id } ...Other } }
    }
    fragment Other on Sign { ... on Buoy { id } }`,
    variables: { yes: true },
    data: { light: {} },
    stockIsWrong: LEFT_OUT,
  },
  {
    name: 'where it is null, too',
    query: 'query ($yes: Boolean!) { dark @include(if: $yes) { ... on Sign { ... on Buoy { id } } } }',
    variables: { yes: true },
    data: { dark: null },
  },
  {
    name: 'on its way to another object',
    query:
      'query ($yes: Boolean!) { light @include(if: $yes) { next { ...Lamp } } } fragment Lamp on Light { ... @skip(if: $yes) { lumen id } }',
    variables: { yes: true },
    data: { light: { next: {} } },
  },
  {
    name: 'in fragments of every kind, under conditions of their own',
    query: `query ($no: Boolean!, $yes: Boolean!) {
      light @include(if: $yes) { ... { ...Lamp @skip(if: $yes) ... on Light { ...Lamp } } }
      lights { ...Lamp }
    }
    fragment Lamp on Light { ... @include(if: $no) { lumen id } }`,
    variables: { no: false, yes: true },
    data: { light: {}, lights: [{}, null] },
  },
  {
    name: 'below an object that is there',
    query: 'query ($no: Boolean!) { light { next { lumen @include(if: $no) next { id @include(if: $no) } } } }',
    variables: no,
    data: { light: { next: { next: null } } },
  },
  {
    name: 'and all of it where they hold',
    query: 'query ($no: Boolean!) { light { lumen @skip(if: $no) } }',
    variables: no,
    data: { light: { lumen: 900 } },
  },
]);
