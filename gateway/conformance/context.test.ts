import { conformance, type Case } from './testing/conformance.ts';
import { LINK } from './testing/federation.ts';

/** A bank: what an account says of its currency is handed down to what is below it, whoever resolves that. */
const entries = [{ id: 'e1' }, { id: 'e2' }];
const subgraphs = {
  accounts: {
    typeDefs: `${LINK}
      type Query { accounts: [Account!]!  branch: Branch }
      type Account @key(fields: "id") @context(name: "account") {
        id: ID!
        currency: String!
        owner: Owner!
        entries: [Entry!]!
      }
      type Branch @context(name: "account") { currency: String!  entry: Entry }
      type Owner { locale: String! }
      type Entry @key(fields: "id") {
        id: ID!
        amount(currency: String @fromContext(field: "$account { currency }")): String
        twice(times: Int!, currency: String @fromContext(field: "$account { currency }")): String
      }
    `,
    resolvers: {
      Query: {
        accounts: () => [
          { id: 'a1', currency: 'EUR', owner: { locale: 'de' }, entries },
          { id: 'a2', currency: 'JPY', owner: { locale: 'ja' }, entries },
        ],
        branch: () => ({ currency: 'CHF', entry: entries[1] }),
      },
      Entry: {
        __resolveReference: ({ id }: { id: string }) => ({ id }),
        amount: ({ id }: { id: string }, { currency }: { currency?: string }) => `${id} in ${currency}`,
        twice: (_: unknown, { times, currency }: { times: number; currency?: string }) => `${times} ${currency}`,
      },
    },
  },
  texts: {
    typeDefs: `${LINK}
      type Entry @key(fields: "id") { id: ID!  text: String }
    `,
    resolvers: { Entry: { __resolveReference: ({ id }: { id: string }) => ({ id, text: `text of ${id}` }) } },
  },
};

const CASES: readonly Case[] = [
  {
    name: 'an argument is filled from the object above',
    query: '{ accounts { entries { amount } } }',
    data: {
      accounts: [
        { entries: [{ amount: 'e1 in EUR' }, { amount: 'e2 in EUR' }] },
        { entries: [{ amount: 'e1 in JPY' }, { amount: 'e2 in JPY' }] },
      ],
    },
  },
  {
    name: 'beside the client’s own arguments and other subgraphs',
    query: 'query ($times: Int!) { accounts { currency entries { id text twice(times: $times) } } }',
    variables: { times: 3 },
    data: {
      accounts: [
        {
          currency: 'EUR',
          entries: [
            { id: 'e1', text: 'text of e1', twice: '3 EUR' },
            { id: 'e2', text: 'text of e2', twice: '3 EUR' },
          ],
        },
        {
          currency: 'JPY',
          entries: [
            { id: 'e1', text: 'text of e1', twice: '3 JPY' },
            { id: 'e2', text: 'text of e2', twice: '3 JPY' },
          ],
        },
      ],
    },
  },
  {
    name: 'of another type that sets it',
    query: '{ branch { entry { amount } } }',
    data: { branch: { entry: { amount: 'e2 in CHF' } } },
  },
  {
    name: 'where nothing takes it, it is not there',
    query: '{ accounts { entries { text } } __type(name: "Entry") { fields { name args { name } } } }',
    data: {
      accounts: [
        { entries: [{ text: 'text of e1' }, { text: 'text of e2' }] },
        { entries: [{ text: 'text of e1' }, { text: 'text of e2' }] },
      ],
      __type: {
        fields: [
          { name: 'id', args: [] },
          { name: 'amount', args: [] },
          { name: 'twice', args: [{ name: 'times' }] },
          { name: 'text', args: [] },
        ],
      },
    },
  },
];

conformance('@context and @fromContext', subgraphs, CASES, {
  stockRefuses: 'feature https://specs.apollo.dev/context/v0.1',
});

/** A bank whose currencies are another subgraph's, which is down. */
const withoutCurrencies = {
  accounts: {
    typeDefs: `${LINK}
      type Query { accounts: [Account!]! }
      type Account @key(fields: "id") @context(name: "account") {
        id: ID!
        currency: String @external
        entries: [Entry!]!
      }
      type Entry @key(fields: "id") {
        id: ID!
        amount(currency: String @fromContext(field: "$account { currency }")): String
      }
    `,
    resolvers: {
      Query: { accounts: () => [{ id: 'a1', entries }] },
      Entry: {
        __resolveReference: ({ id }: { id: string }) => ({ id }),
        amount: ({ id }: { id: string }, { currency }: { currency?: string }) => `${id} in ${currency}`,
      },
    },
  },
  currencies: { typeDefs: `${LINK} type Account @key(fields: "id") { id: ID!  currency: String }`, isDown: true },
};

conformance(
  'an argument whose context is not there',
  withoutCurrencies,
  [
    {
      name: 'is not filled by a variable of a client',
      query: 'query ($no: Boolean!) { accounts { id @include(if: $no) entries { amount } } }',
      variables: { no: false, contextualArgument_1_0: 'EUR' },
      data: { accounts: [{ entries: [{ amount: 'e1 in undefined' }, { amount: 'e2 in undefined' }] }] },
      errors: ['accounts: SUBGRAPH_UNAVAILABLE'],
    },
  ],
  { stockRefuses: 'feature https://specs.apollo.dev/context/v0.1' },
);
