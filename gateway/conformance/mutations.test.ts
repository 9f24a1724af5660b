import { conformance } from './testing/conformance.ts';
import { fail, LINK } from './testing/federation.ts';

/** A ledger and its auditor: both write one tally, so that the order of writes shows. */
const state = { tally: 0, log: [] as string[] };
const later = <T>(milliseconds: number, then: () => T): Promise<T> =>
  new Promise((resolve) => setTimeout(() => resolve(then()), milliseconds));
const write = (where: string, change: (tally: number) => number) => () => {
  state.log.push(where);
  return (state.tally = change(state.tally));
};
/** The earlier ones take longer: run at once they would finish in the wrong order. */
const account = () => ({ id: 'u1', tally: state.tally });

const audited = () => ({ id: 'u1', log: state.log.join() });

const subgraphs = {
  ledger: {
    typeDefs: `${LINK}
      type Query { account: Account }
      type Mutation { add(by: Int!): Account  set(to: Int!): Int  refuse: Int  must: Int! }
      type Account @key(fields: "id") { id: ID!  tally: Int! }
    `,
    resolvers: {
      Query: { account },
      Mutation: {
        add: (_: unknown, { by }: { by: number }) =>
          later(15, () => (write('add', (tally) => tally + by)(), account())),
        set: (_: unknown, { to }: { to: number }) =>
          later(
            5,
            write('set', () => to),
          ),
        refuse: () => fail('REFUSED'),
        must: () => null,
      },
      Account: { __resolveReference: account },
    },
  },
  audit: {
    typeDefs: `${LINK}
      type Mutation { double: Account  square: Int  unfounded: Int @shareable }
      type Account @key(fields: "id") { id: ID!  log: String! }
    `,
    resolvers: {
      Mutation: {
        double: () => later(10, () => (write('double', (tally) => tally * 2)(), audited())),
        square: () =>
          later(
            1,
            write('square', (tally) => tally * tally),
          ),
      },
      Account: { __resolveReference: audited },
    },
  },
};

conformance(
  'mutations',
  subgraphs,
  [
    {
      name: 'run one after the other over subgraphs, in the order of the document',
      query: 'mutation { a: set(to: 3) b: double { tally } c: square d: add(by: 1) { tally } e: double { tally } }',
      data: { a: 3, b: { tally: 6 }, c: 36, d: { tally: 37 }, e: { tally: 74 } },
      stockIsWrong:
        'its planner joins mutations of one subgraph in a row, and asks for what the first selects after the last has run',
    },
    {
      name: 'each sees what those before it have left, in what it selects too',
      query: 'mutation { set(to: 2) first: add(by: 1) { tally log } double { log } last: add(by: 1) { log tally } }',
      data: {
        set: 2,
        first: { tally: 3, log: 'set,add' },
        double: { log: 'set,add,double' },
        last: { log: 'set,add,double,add', tally: 7 },
      },
    },
    {
      name: 'several of one subgraph in a row',
      query: 'mutation { a: set(to: 1) b: set(to: 2) c: add(by: 3) { tally } }',
      data: { a: 1, b: 2, c: { tally: 5 } },
    },
    {
      name: 'a failed one does not stop those after it',
      query: 'mutation { set(to: 4) refuse square double { tally } }',
      data: { set: 4, refuse: null, square: 16, double: { tally: 32 } },
      errors: ['refuse: REFUSED'],
    },
    {
      name: 'one that may not be null takes all answers with it',
      query: 'mutation { set(to: 4) square must }',
      data: null,
      errors: ['must: INTERNAL_SERVER_ERROR'],
    },
    {
      name: 'in fragments, with directives and __typename between them',
      query: `mutation ($no: Boolean!) {
        ...Start __typename square @include(if: $no) ... { two: square @skip(if: $no) } add(by: 1) @skip(if: true) { tally } end: double { __typename }
      }
      fragment Start on Mutation { set(to: 5) again: set(to: 6) @include(if: $no) }`,
      variables: { no: false },
      data: { set: 5, __typename: 'Mutation', two: 25, end: { __typename: 'Account' } },
    },
    {
      name: 'the same one twice in a row under one name is one',
      query: 'mutation { add(by: 1) { id } ... on Mutation { add(by: 1) { tally log } } }',
      data: { add: { id: 'u1', tally: 1, log: 'add' } },
    },
  ],
  { reset: () => void ((state.tally = 0), (state.log = [])) },
);
