import { conformance } from './testing/conformance.ts';
import { LINK } from './testing/federation.ts';

/** A hiking club: routes, their weather from another subgraph, and huts from a third. */
const routes = [{ id: 'm1' }, { id: 'm2' }];
const reference = { __resolveReference: (given: object) => given };
const subgraphs = {
  routes: {
    typeDefs: `${LINK}
      type Query { routes: [Route!]!  guide: Guide }
      interface Walk { id: ID!  name: String }
      type Route implements Walk @key(fields: "id") { id: ID!  name: String }
      type Guide { name: String  route: Route }
    `,
    resolvers: {
      Query: { routes: () => routes, guide: () => ({ name: 'Ueli', route: routes[0] }) },
      Route: { name: ({ id }: { id: string }) => `Route ${id}` },
    },
  },
  weather: {
    typeDefs: `${LINK}
      type Query { season: String }
      type Route @key(fields: "id") { id: ID!  wind: Int  rain(hour: Int): Int  hut: Hut }
      type Hut @key(fields: "id") { id: ID! }
    `,
    resolvers: {
      Query: { season: () => 'autumn' },
      Route: {
        ...reference,
        wind: () => 5,
        rain: (_: unknown, { hour }: { hour?: number }) => hour ?? 0,
        hut: () => ({ id: 'h1' }),
      },
    },
  },
  huts: {
    typeDefs: `${LINK} type Hut @key(fields: "id") { id: ID!  beds: Int  height: Int }`,
    resolvers: { Hut: { ...reference, beds: () => 12, height: () => 2400 } },
  },
};

const both = (value: object) => ({ routes: [value, value] });
const ids = (rest: object = {}) => ({
  routes: [
    { id: 'm1', ...rest },
    { id: 'm2', ...rest },
  ],
});

conformance('@skip and @include', subgraphs, [
  { name: 'a field that is skipped', query: '{ routes { id name @skip(if: true) } }', data: ids() },
  { name: 'a field that is included', query: '{ routes { id wind @include(if: true) } }', data: ids({ wind: 5 }) },
  {
    name: 'an entity’s field, and the other subgraph is not asked',
    query: 'query ($yes: Boolean!) { routes { id wind @include(if: $yes) } }',
    variables: { yes: false },
    data: ids(),
    fetches: { routes: 1 },
  },
  {
    name: 'an entity’s field with a default of the variable',
    query: 'query ($yes: Boolean! = true) { routes { id wind @include(if: $yes) } }',
    data: ids({ wind: 5 }),
  },
  {
    name: 'both on one field: only where it is included and not skipped',
    query: `query ($yes: Boolean!, $no: Boolean!) {
      routes {
        a: wind @include(if: $yes) @skip(if: $no)
        b: wind @include(if: $no) @skip(if: $no)
        c: wind @include(if: $yes) @skip(if: $yes)
        d: wind @include(if: $no) @skip(if: $yes)
      }
    }`,
    variables: { yes: true, no: false },
    data: both({ a: 5 }),
  },
  {
    name: 'one field twice, with and without',
    query: 'query ($no: Boolean!) { routes { wind @include(if: $no) id wind } }',
    variables: { no: false },
    data: {
      routes: [
        { id: 'm1', wind: 5 },
        { id: 'm2', wind: 5 },
      ],
    },
  },
  {
    name: 'one object twice, each with fields of its own',
    query:
      'query ($yes: Boolean!, $no: Boolean!) { routes { hut @include(if: $yes) { beds } hut @include(if: $no) { height } hut @skip(if: $no) { id } } }',
    variables: { yes: true, no: false },
    data: both({ hut: { beds: 12, id: 'h1' } }),
  },
  {
    name: 'the object goes, and all its subgraphs with it',
    query: 'query ($no: Boolean!) { routes { id hut @include(if: $no) { beds } } }',
    variables: { no: false },
    data: ids(),
    fetches: { routes: 1 },
  },
  {
    name: 'the same query the other way',
    query: 'query ($no: Boolean!) { routes { id hut @include(if: $no) { beds } } }',
    variables: { no: true },
    data: ids({ hut: { beds: 12 } }),
    fetches: { routes: 1, weather: 1, huts: 1 },
  },
  {
    name: 'an inline fragment without a type',
    query:
      'query ($no: Boolean!) { routes { id ... @include(if: $no) { name wind } ... @skip(if: $no) { rain(hour: 3) } } }',
    variables: { no: false },
    data: ids({ rain: 3 }),
  },
  {
    name: 'an inline fragment on the type',
    query:
      'query ($no: Boolean!) { routes { ... on Route @skip(if: $no) { id } ... on Walk @include(if: $no) { name } } }',
    variables: { no: false },
    data: ids(),
  },
  {
    name: 'fragments within fragments, each with its own',
    query: `query ($a: Boolean!, $b: Boolean!) {
      routes { id ... @include(if: $a) { wind ... @include(if: $b) { name } ... @skip(if: $b) { rain } } }
    }`,
    variables: { a: true, b: false },
    data: ids({ wind: 5, rain: 0 }),
  },
  {
    name: 'a spread',
    query:
      'query ($yes: Boolean!) { routes { ...A @include(if: $yes) ...B @skip(if: $yes) } guide { route { ...A @skip(if: $yes) ...B } } } fragment A on Route { id wind } fragment B on Route { name hut { beds } }',
    variables: { yes: true },
    data: {
      routes: [
        { id: 'm1', wind: 5 },
        { id: 'm2', wind: 5 },
      ],
      guide: { route: { name: 'Route m1', hut: { beds: 12 } } },
    },
  },
  {
    name: 'a root field, and its subgraph is not asked',
    query: 'query ($no: Boolean!) { season @include(if: $no) guide { name } }',
    variables: { no: false },
    data: { guide: { name: 'Ueli' } },
    fetches: { routes: 1 },
  },
  {
    name: 'all root fields, which leaves an empty answer',
    query:
      'query ($no: Boolean!) { season @include(if: $no) ... @include(if: $no) { guide { name } } routes @skip(if: true) { id } }',
    variables: { no: false },
    data: {},
  },
  {
    name: 'all fields of an object, which leaves it empty',
    query: 'query ($no: Boolean!) { guide { name @include(if: $no) } routes { wind @skip(if: true) } }',
    variables: { no: false },
    data: { guide: {}, routes: [{}, {}] },
  },
  {
    name: '__typename with a condition',
    query:
      'query ($no: Boolean!) { __typename @include(if: $no) routes { kind: __typename @skip(if: $no) __typename @include(if: $no) wind } }',
    variables: { no: false },
    data: both({ kind: 'Route', wind: 5 }),
  },
  {
    name: 'arguments of a field that is skipped may lack their value',
    query: 'query ($hour: Int, $no: Boolean!) { routes { id rain(hour: $hour) @include(if: $no) } }',
    variables: { no: false },
    data: ids(),
  },
  {
    name: 'a variable that must be given',
    query: 'query ($yes: Boolean!) { season @include(if: $yes) }',
    errors: [': BAD_USER_INPUT'],
  },
  {
    name: 'variables may have names of the gateway’s own',
    query:
      'query ($representations: Boolean!, $contextualArguments: Boolean!) { routes { id wind @include(if: $representations) hut @include(if: $contextualArguments) { id } } season @skip(if: $contextualArguments) }',
    variables: { representations: true, contextualArguments: false },
    data: { ...ids({ wind: 5 }), season: 'autumn' },
    fetches: { routes: 1, weather: 2 },
    stockIsWrong: 'it refuses to send a variable called representations',
  },
  {
    name: 'order is that of the document, whatever was left out',
    query:
      'query ($no: Boolean!) { routes { wind name @include(if: $no) ... @skip(if: $no) { id hut { id } } name } season }',
    variables: { no: false },
    data: {
      routes: [
        { wind: 5, id: 'm1', hut: { id: 'h1' }, name: 'Route m1' },
        { wind: 5, id: 'm2', hut: { id: 'h1' }, name: 'Route m2' },
      ],
      season: 'autumn',
    },
  },
  {
    name: 'introspection with conditions',
    query:
      'query ($no: Boolean!) { __type(name: "Guide") @skip(if: $no) { name fields @include(if: $no) { name } } __schema @include(if: $no) { queryType { name } } season }',
    variables: { no: false },
    data: { __type: { name: 'Guide' }, season: 'autumn' },
  },
]);
