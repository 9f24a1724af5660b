import { conformance } from './testing/conformance.ts';
import { LINK } from './testing/federation.ts';

/** A street directory that nobody may ask about places it has not handed out itself. */
const subgraphs = {
  guide: {
    typeDefs: `${LINK}
      type Query { tip: Place  season: String }
      interface Place @key(fields: "id") { id: ID! }
    `,
    resolvers: { Query: { tip: () => null, season: () => 'spring' } },
  },
  maps: {
    typeDefs: `${LINK}
      type Query { corner: Place }
      type Place @key(fields: "id", resolvable: false) @interfaceObject { id: ID!  street: String }
    `,
    resolvers: { Query: { corner: () => ({ id: 'p1', street: 'Mill Lane' }) } },
  },
};

const NOTHING = 'it plans nothing and answers null without an error';
const FAILS = [': QUERY_PLANNING_FAILED'];

conformance('a root field that nobody can answer', subgraphs, [
  { name: 'is an error', query: '{ tip { street } }', errors: FAILS, stockIsWrong: NOTHING },
  {
    name: 'under an alias, beside others',
    query: '{ season a: tip { street } }',
    errors: FAILS,
    stockIsWrong: NOTHING,
  },
  {
    name: 'in a fragment that is included',
    query: 'query ($yes: Boolean!) { season ...Tip @include(if: $yes) } fragment Tip on Query { tip { street } }',
    variables: { yes: true },
    errors: FAILS,
    stockIsWrong: NOTHING,
  },
  {
    name: 'under a condition that has a name of the gateway’s own',
    query: 'query ($representations: Boolean!) { season tip @include(if: $representations) { street } }',
    variables: { representations: true },
    errors: FAILS,
    stockIsWrong: NOTHING,
  },
  {
    name: 'costs nothing where it is left out',
    query: 'query ($yes: Boolean!) { season ...Tip @include(if: $yes) } fragment Tip on Query { tip { street } }',
    variables: { yes: false },
    data: { season: 'spring' },
  },
  {
    name: 'can be asked for what there is of it',
    query: '{ tip { id } corner { street } __typename __schema { queryType { name } } }',
    data: {
      tip: null,
      corner: { street: 'Mill Lane' },
      __typename: 'Query',
      __schema: { queryType: { name: 'Query' } },
    },
  },
  {
    name: 'is not one that conditions rule out for good',
    query:
      'query ($yes: Boolean!) { season @include(if: $yes) @skip(if: $yes) corner @skip(if: true) { id } __typename }',
    variables: { yes: true },
    data: { __typename: 'Query' },
  },
]);
