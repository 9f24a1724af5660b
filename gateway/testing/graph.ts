import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { composeServices } from '@apollo/composition';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { execute, GraphQLError, Kind, parse, valueFromASTUntyped, type GraphQLSchema } from 'graphql';
import { CodedError } from 'kit/errors';
import { HOP_HEADER, verifyHop, type Hop } from 'kit/hop';
import type { SubgraphRequest, SubgraphResponse } from 'kit/request';

/** A library of books in one subgraph, their writers in another: the smallest graph that needs a gateway. */
const library = parse(`
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@key"])
  type Query { book(id: ID!): Book  books: [Book!]!  broken: String  forbidden: String  libraryAfter: [String!]! slow: String }
  type Mutation { renameBook(id: ID!, title: String!): Book  renameAndAsk(id: ID!, title: String!): Book }
  type Subscription { bookChanged(id: ID!): Book }
  type Book @key(fields: "id") { id: ID!  title: String!  writer: Writer!  sequel: Book }
  type Writer @key(fields: "id") { id: ID!  books: [Book!]! }
`);
const people = parse(`
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@key"])
  type Query { me: String!  peopleAfter: [String!]!  address: String! }
  type Writer @key(fields: "id") { id: ID!  name: String!  after: [String!]!  readBy: String! }
`);

export const SECRET = 'a secret between gateway and subgraphs';
export type Execute = (request: SubgraphRequest, hop: Hop) => Promise<SubgraphResponse>;

export interface TestGraph {
  readonly supergraphSdl: string;
  readonly subgraphs: { readonly library: Execute; readonly people: Execute };
  /** Every hop that has arrived, by subgraph. */
  readonly hops: { readonly library: Hop[]; readonly people: Hop[] };
  /** Viewers who may not see books. */
  readonly banned: Set<string>;
  /** Holds `slow` back until called. */
  readonly release: () => void;
}

interface Context {
  readonly hop: Hop;
  readonly emitted: { id: string; type: string }[];
}

const titles = new Map([
  ['1', 'Emma'],
  ['2', 'Persuasion'],
]);
const bookOf = (id: string) =>
  titles.has(id) ? { id, title: titles.get(id), writer: { id: 'w1' }, sequel: () => bookOf('2') } : null;

export function createTestGraph(): TestGraph {
  const { supergraphSdl, errors } = composeServices([
    { name: 'library', url: 'http://127.0.0.1:1/', typeDefs: library },
    { name: 'people', url: 'http://127.0.0.1:2/graphql', typeDefs: people },
  ]);
  if (!supergraphSdl) throw new Error(errors?.map(String).join('\n'));
  const hops = { library: [] as Hop[], people: [] as Hop[] };
  const banned = new Set<string>();
  const slow = Promise.withResolvers<string>();
  const librarySchema = buildSubgraphSchema([{ typeDefs: library, resolvers: libraryResolvers(banned, slow.promise) }]);
  const peopleSchema = buildSubgraphSchema([{ typeDefs: people, resolvers: peopleResolvers }]);
  return {
    supergraphSdl,
    subgraphs: {
      library: executor(librarySchema, hops.library, banned),
      people: executor(peopleSchema, hops.people, banned),
    },
    hops,
    banned,
    release: () => slow.resolve('done'),
  };
}

const afterOf = (_: unknown, _arguments: unknown, { hop }: Context) => hop.after.map(({ id }) => id);

function libraryResolvers(banned: Set<string>, slow: Promise<string>) {
  const rename = (_: unknown, { id, title }: { id: string; title: string }, { emitted }: Context) => {
    titles.set(id, title);
    emitted.push({ id: `event_${title}`, type: 'book.renamed' });
    return bookOf(id);
  };
  return {
    Query: {
      book: (_: unknown, { id }: { id: string }) => bookOf(id),
      books: () => [...titles.keys()].map(bookOf),
      broken: () => {
        throw new Error('password=hunter2 at 10.0.0.7');
      },
      forbidden: () => {
        throw new CodedError('FORBIDDEN', 'Only librarians may.');
      },
      libraryAfter: afterOf,
      slow: () => slow,
    },
    Mutation: { renameBook: rename, renameAndAsk: rename },
    Subscription: {
      bookChanged: {
        subscribe: () => undefined,
        resolve: (event: { id: string }, _: unknown, { hop }: Context) => {
          if (banned.has(hop.viewer.userId ?? '')) throw new CodedError('NOT_FOUND', 'There is no such book.');
          return { ...bookOf(event.id) };
        },
      },
    },
    Book: { __resolveReference: ({ id }: { id: string }) => bookOf(id) },
    Writer: { __resolveReference: ({ id }: { id: string }) => ({ id }), books: () => [bookOf('1')] },
  };
}

const peopleResolvers = {
  Query: {
    me: (_: unknown, _arguments: unknown, { hop }: Context) => hop.viewer.userId ?? 'anonymous',
    peopleAfter: afterOf,
    address: (_: unknown, _arguments: unknown, { hop }: Context) => hop.client.address,
  },
  Writer: {
    __resolveReference: ({ id }: { id: string }) => ({ id, name: 'Jane' }),
    after: afterOf,
    readBy: (_: unknown, _arguments: unknown, { hop }: Context) => hop.viewer.userId ?? 'anonymous',
  },
};

function executor(schema: GraphQLSchema, hops: Hop[], banned: ReadonlySet<string>): Execute {
  return async (request, hop) => {
    hops.push(hop);
    const document = parse(request.query);
    if (request.live === 'subscribe') return subscribeAnswer(request, hop, banned);
    const context: Context = { hop, emitted: [] };
    const rootValue = request.live ? request.live.event : undefined;
    const { data, errors } = await execute({
      schema,
      document,
      rootValue,
      variableValues: request.variables,
      contextValue: context,
    });
    return {
      data: data ?? null,
      ...(errors ? { errors: errors.map((error) => error.toJSON()) } : {}),
      extensions: { emitted: context.emitted },
    };
  };
}

/** Checks the viewer and names the topic, `book:<id>`. */
function subscribeAnswer(
  { query, variables }: SubgraphRequest,
  hop: Hop,
  banned: ReadonlySet<string>,
): SubgraphResponse {
  if (banned.has(hop.viewer.userId ?? '')) {
    return { errors: [new GraphQLError('You may not.', { extensions: { code: 'FORBIDDEN' } }).toJSON()] };
  }
  const operation = parse(query).definitions[0];
  const field = operation?.kind === Kind.OPERATION_DEFINITION ? operation.selectionSet.selections[0] : undefined;
  const value = field?.kind === Kind.FIELD ? field.arguments?.[0]?.value : undefined;
  const id = value ? valueFromASTUntyped(value, variables) : undefined;
  return { data: null, extensions: { topic: `book:${String(id)}` } };
}

/** The same subgraph behind HTTP: 401 for whoever does not bring a signed hop. */
export async function serveSubgraph(
  name: string,
  run: Execute,
): Promise<{ url: string; server: Server; close: () => Promise<void> }> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (request.url?.startsWith('/health/')) return void response.end('{"status":"up"}');
      const body = Buffer.concat(chunks);
      const hop = verifyHop(SECRET, name, request.headers[HOP_HEADER] as string | undefined, body);
      if (!hop) return void response.writeHead(401).end('{"errors":[{"message":"unsigned"}]}');
      void run(JSON.parse(body.toString()) as SubgraphRequest, hop).then((answer) => {
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify(answer));
      });
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`, server, close };
}
