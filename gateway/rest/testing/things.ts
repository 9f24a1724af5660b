import { composeServices } from '@apollo/composition';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { execute, parse } from 'graphql';
import { CodedError } from 'kit/errors';
import type { Hop } from 'kit/hop';
import { createLogger } from 'kit/logger';
import type { SubgraphRequest, SubgraphResponse } from 'kit/request';
import { gatewaySettings } from '../../config.ts';
import { createGateway, type RunningGateway } from '../../gateway.ts';
import type { GatewayHooks } from '../../hooks.ts';
import { hooksWith } from '../../testing/gateway.ts';
import { inProcess } from '../../transport/in-process.ts';
import type { RestApi } from '../rest.ts';

const TYPES = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@key", "@requiresScopes"])
  scalar Moment
  enum Colour { RED GREEN }
  interface Made { id: ID! }
  union Holder = Person | Shelf
  type Person implements Made { id: ID! name: String! }
  type Shelf implements Made { id: ID! height: Float }
  "Something."
  type Thing { "Its id." id: ID! name: String! colour: Colour at: Moment tags: [String!]! weight: Int holder: Holder makers: [Made!]!
    secret: String @requiresScopes(scopes: [["secrets"]]) broken: String }
  input Size { width: Int! = 3 height: Int inner: Size }
  input ThingInput { name: String! colour: Colour = RED size: Size tags: [String!] }
  input NameInput { name: String! }
  type UserError { field: [String!] message: String! code: String! retryAfterSeconds: Int }
  type ThingPayload { thing: Thing userErrors: [UserError!]! }
  type Query { thing(id: ID!): Thing things(first: Int, colours: [Colour!], isNew: Boolean): [Thing!]! }
  type Mutation { makeThing(input: ThingInput!): ThingPayload! rename(input: NameInput!): ThingPayload! forget: ThingPayload! }
`;

/** Names that make a mutation answer or fail in a certain way. */
function madeOf(name: string) {
  const refused = (code: string, more: object = {}) => ({
    thing: null,
    userErrors: [{ field: ['name'], message: `it is ${code}`, code, ...more }],
  });
  if (name === 'taken') return refused('CONFLICT');
  if (name === 'odd') return refused('SOMETHING_NEW');
  if (name === 'soon') return refused('RATE_LIMITED', { retryAfterSeconds: 7 });
  if (name === 'limited') {
    const error = new CodedError('RATE_LIMITED', 'Too many.');
    error.extensions['retryAfterSeconds'] = 2.2;
    throw error;
  }
  if (name === 'crash') throw new Error('a secret of ours');
  return { thing: thingOf('new', name), userErrors: [] };
}

const thingOf = (id: string, name = 'ball') => ({
  ...{ id, name, colour: 'RED', at: '2026-01-01T00:00:00Z', tags: ['round'], weight: 3, secret: 'no' },
  holder: { __typename: 'Shelf', id: 's1', height: 2.5 },
  makers: [{ __typename: 'Person', id: 'p1', name: 'Ada' }],
  broken: () => {
    throw new Error('broken');
  },
});

interface Asked {
  readonly first?: number;
  readonly colours?: readonly string[];
  readonly isNew?: boolean;
}

const resolvers = {
  Query: {
    thing: (_: unknown, { id }: { id: string }) => {
      if (id === 'bad') throw new CodedError('INVALID_ID', 'That is no id.');
      return id === 'none' ? null : thingOf(id);
    },
    things: (_: unknown, asked: Asked) => [thingOf(JSON.stringify(asked))],
  },
  Mutation: {
    makeThing: (_: unknown, { input }: { input: { name: string } }) => madeOf(input.name),
    rename: (_: unknown, { input }: { input: { name: string } }) => madeOf(input.name),
    forget: () => ({ thing: null, userErrors: [] }),
  },
};

const FIELDS =
  'id name colour at tags weight holder { __typename ... on Shelf { height } ... on Person { name } } makers { id ... on Person { name } }';
const ERRORS = 'userErrors { field message code retryAfterSeconds }';

export const api: RestApi = {
  ...{ base: '/v1', title: 'Things', version: '1', scalars: { Moment: { type: 'string', format: 'date-time' } } },
  statuses: { SOMETHING_NEW: 418 },
  operations: [
    {
      id: 'getThing',
      method: 'GET',
      path: '/things/:id',
      tag: 'things',
      summary: 'One.',
      document: `query ($id: ID!) { thing(id: $id) { ${FIELDS} secret } }`,
    },
    {
      id: 'getBroken',
      method: 'GET',
      path: '/things/:id/broken',
      tag: 'things',
      summary: 'Fails in part.',
      document: 'query ($id: ID!) { thing(id: $id) { id broken } }',
    },
    {
      ...{
        id: 'makeThing',
        method: 'POST',
        path: '/things',
        tag: 'things',
        summary: 'Another.',
        body: 'input',
        part: 'thing',
        status: 201,
      },
      document: `mutation ($input: ThingInput!) { made: makeThing(input: $input) { thing { ${FIELDS} } ${ERRORS} } }`,
    },
    {
      ...{
        id: 'listThings',
        method: 'GET',
        path: '/things',
        tag: 'things',
        summary: 'All.',
        query: ['first', 'colours', 'isNew'],
      },
      document:
        'query ($first: Int, $colours: [Colour!], $isNew: Boolean) { things(first: $first, colours: $colours, isNew: $isNew) { id } }',
    },
    {
      ...{
        id: 'rename',
        method: 'PUT',
        path: '/people/:me',
        tag: 'people',
        summary: 'Mine.',
        own: 'me',
        body: 'input',
        needsSignIn: true,
      },
      document: `mutation ($input: NameInput!) { rename(input: $input) { thing { id name } ${ERRORS} } }`,
    },
    {
      id: 'forget',
      method: 'DELETE',
      path: '/things/all',
      tag: 'things',
      summary: 'None.',
      status: 204,
      document: `mutation { forget { ${ERRORS} } }`,
    },
  ],
};

export interface Things extends RunningGateway {
  readonly origin: string;
}

/** A gateway with a table of paths over a graph of things. */
export async function startThings(
  hooks: Partial<GatewayHooks> = { rest: api },
  environment: Readonly<Record<string, string>> = {},
): Promise<Things> {
  const typeDefs = parse(TYPES);
  const schema = buildSubgraphSchema([{ typeDefs, resolvers }]);
  const { supergraphSdl = '', errors } = composeServices([{ name: 'things', url: 'http://127.0.0.1:1/', typeDefs }]);
  if (errors) throw new Error(errors.map(String).join('\n'));
  const run = async ({ query, variables }: SubgraphRequest, hop: Hop) =>
    (await execute({
      schema,
      document: parse(query),
      variableValues: variables ?? {},
      contextValue: { hop },
    })) as SubgraphResponse;
  const gateway = await createGateway({
    supergraphSdl,
    transports: { things: inProcess(run) },
    settings: gatewaySettings({ NODE_ENV: 'test', LOG_LEVEL: 'silent', PORT: '0', RATE_LIMITS: 'off', ...environment }),
    logger: createLogger('things', 'silent'),
    hooks: { ...hooksWith(new Set()), ...hooks },
  });
  return { ...gateway, origin: new URL(gateway.url).origin };
}
