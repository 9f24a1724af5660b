import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { composeServices } from '@apollo/composition';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { execute, type FormattedExecutionResult, GraphQLError, parse, type GraphQLSchema } from 'graphql';
import { createHandler } from 'graphql-sse/lib/use/http';
import type { SubscribePayload } from 'graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import type { Hop } from 'kit/hop';
import type { SubgraphRequest, SubgraphResponse } from 'kit/request';
import { WebSocketServer } from 'ws';
import { createMailbox, type Mailbox } from '../subscriptions/mailbox.ts';

/** Products, whose events come through Redis under topics the supergraph names. */
const products = parse(`
  extend schema
    @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@key", "@composeDirective", "@requiresScopes"])
    @link(url: "https://specs.example/live/v1.0", import: ["@liveTopic"])
    @link(url: "https://specs.example/cacheControl/v1.0", import: ["@cacheControl"])
    @composeDirective(name: "@liveTopic")
    @composeDirective(name: "@cacheControl")
  directive @liveTopic(topic: String!) on FIELD_DEFINITION
  directive @cacheControl(maxAge: Int, scope: CacheControlScope) on FIELD_DEFINITION | OBJECT
  enum CacheControlScope { PUBLIC PRIVATE }
  type Query { product(id: ID!): Product }
  type Subscription {
    productChanged(id: ID!, in: Place): Product @liveTopic(topic: "product:{id}") @cacheControl(scope: PUBLIC)
    placed(in: Place!): Product @liveTopic(topic: "place:{in.shop}:{in.shelf}")
    notice: Notice @liveTopic(topic: "notice:{viewer.userId}")
    configured(id: ID!): Product
  }
  input Place { shop: ID!  shelf: Int! }
  type Notice { text: String!  product: Product  parts: [Part!] }
  type Part { label: String! }
  type Product @key(fields: "id") @cacheControl(scope: PUBLIC) {
    id: ID!
    name: String!
    seenBy: String! @cacheControl(scope: PRIVATE)
    margin: Int @requiresScopes(scopes: [["margins"]])
  }
`);

/** Prices, which serve their subscriptions themselves. */
const prices = parse(`
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@key"])
  type Query { hello: String }
  type Subscription { priceChanged(id: ID!): Price }
  type Price { amount: Int!  heldBy: String!  broken: String  product: Product! }
  type Product @key(fields: "id") { id: ID!  amount: Int! }
`);

export interface Asked {
  readonly request: SubgraphRequest;
  readonly hop: Hop;
}

export interface Shop {
  readonly supergraphSdl: string;
  readonly products: (request: SubgraphRequest, hop: Hop) => Promise<SubgraphResponse>;
  readonly prices: (request: SubgraphRequest, hop: Hop) => Promise<SubgraphResponse>;
  readonly pricesSchema: GraphQLSchema;
  /** What the products subgraph was asked. */
  readonly asked: Asked[];
  /** Viewers who may not see products. */
  readonly banned: Set<string>;
  /** Subscriptions that run at the prices subgraph. */
  readonly feeds: Set<Mailbox<number | Error>>;
  /** Sends a price to all of them. */
  readonly price: (amount: number | Error) => void;
}

export function createShop(): Shop {
  const { supergraphSdl, errors } = composeServices([
    { name: 'products', url: 'http://127.0.0.1:1/', typeDefs: products },
    { name: 'prices', url: 'http://127.0.0.1:2/graphql', typeDefs: prices },
  ]);
  if (!supergraphSdl) throw new Error(errors?.map(String).join('\n'));
  const [asked, banned] = [[] as Asked[], new Set<string>()];
  const feeds = new Set<Mailbox<number | Error>>();
  const history: number[] = [];
  const productOf = ({ id }: { id: string }, { hop }: { hop: Hop }) => {
    if (banned.has(hop.viewer.userId ?? '')) return null;
    return { id, name: `Product ${id}`, margin: 30, seenBy: hop.viewer.userId ?? 'nobody' };
  };
  const productsSchema = buildSubgraphSchema([
    {
      typeDefs: products,
      resolvers: {
        Query: { product: (_: unknown, key: { id: string }, context: { hop: Hop }) => productOf(key, context) },
        Product: { __resolveReference: productOf },
      },
    },
  ]);
  const pricesSchema = buildSubgraphSchema([{ typeDefs: prices, resolvers: pricesResolvers(feeds, history) }]);
  return {
    supergraphSdl,
    products: (request, hop) => {
      asked.push({ request, hop });
      return run(productsSchema, request, hop);
    },
    prices: (request, hop) => run(pricesSchema, request, hop),
    pricesSchema,
    asked,
    banned,
    feeds,
    price: (amount) => {
      if (typeof amount === 'number') history.push(amount);
      for (const feed of feeds) feed.push(amount);
    },
  };
}

function pricesResolvers(feeds: Set<Mailbox<number | Error>>, history: readonly number[]) {
  const subscribe = (_: unknown, { id }: { id: string }, context: PricesContext) => {
    const { resumeFrom } = context;
    if (id === 'forbidden') throw new GraphQLError('Not you.', { extensions: { code: 'FORBIDDEN' } });
    const feed = createMailbox<number | Error>({ limit: 100, onReturn: () => feeds.delete(feed) });
    feeds.add(feed);
    const last = history.findIndex((amount) => cursorOf(amount) === resumeFrom);
    if (last !== -1) history.slice(last + 1).forEach(feed.push);
    else context.hasGap = resumeFrom !== undefined;
    return { ...feed, [Symbol.asyncIterator]: () => feed };
  };
  return {
    Subscription: {
      priceChanged: {
        subscribe,
        resolve: (amount: number | Error, { id }: { id: string }, { heldBy }: { heldBy: string }) => {
          if (amount instanceof Error) throw amount;
          return { amount, heldBy, product: { id } };
        },
      },
    },
    Price: {
      broken: () => {
        throw new Error('password=hunter2');
      },
    },
    Product: { amount: () => 7, __resolveReference: (key: { id: string }) => key },
  };
}

async function run(schema: GraphQLSchema, request: SubgraphRequest, hop: Hop): Promise<SubgraphResponse> {
  const result = await execute({
    schema,
    document: parse(request.query),
    variableValues: request.variables,
    contextValue: { hop },
  });
  return { data: result.data ?? null, ...(result.errors ? { errors: result.errors.map((e) => e.toJSON()) } : {}) };
}

interface PricesContext {
  readonly heldBy: string;
  readonly resumeFrom: unknown;
  /** What it is to be resumed behind is forgotten: the next event says so. */
  hasGap: boolean;
}

const cursorOf = (amount: number): string => `price:${amount}`;

export interface PricesServer {
  readonly url: string;
  /** Cuts all connections. */
  readonly drop: () => void;
  readonly stop: () => Promise<void>;
}

const contextFor = (authorization: unknown, { extensions }: Pick<SubscribePayload, 'extensions'>): PricesContext => ({
  heldBy: typeof authorization === 'string' ? authorization : 'nobody',
  resumeFrom: extensions?.['resumeFrom'],
  hasGap: false,
});

function withCursor<Result extends { data?: unknown }>(result: Result, context: PricesContext): Result {
  const { priceChanged } = (result.data ?? {}) as { priceChanged?: { amount: number } };
  if (!priceChanged) return result;
  const gap = context.hasGap ? { gap: true } : {};
  context.hasGap = false;
  return { ...result, extensions: { cursor: cursorOf(priceChanged.amount), ...gap } };
}

interface Serving {
  readonly port?: number;
  /** Gives each price a cursor, behind which it can be resumed. */
  readonly hasCursors?: boolean;
}

/** The prices subgraph's own subscriptions, over graphql-transport-ws and over SSE at the same address. */
export async function servePrices(
  schema: GraphQLSchema,
  kind: 'graphql-ws' | 'sse',
  { port = 0, hasCursors = false }: Serving = {},
): Promise<PricesServer> {
  const handler = createHandler<Record<string, unknown>>({
    schema,
    context: (request, params) => ({ ...contextFor(request.raw.headers.authorization, params) }),
    ...(hasCursors
      ? { onNext: (context, _request, result) => withCursor(result, context as unknown as PricesContext) }
      : {}),
  });
  const server = createServer((request, response) => void handler(request, response));
  const sockets = kind === 'graphql-ws' ? serveSocket(server, schema, hasCursors) : null;
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const drop = (): void => {
    for (const client of sockets?.clients ?? []) client.terminate();
    server.closeAllConnections();
  };
  const { port: taken } = server.address() as AddressInfo;
  return {
    url: `${kind === 'sse' ? 'http' : 'ws'}://127.0.0.1:${taken}/graphql`,
    drop,
    stop: async () => {
      server.close();
      drop();
      await once(server, 'close');
    },
  };
}

function serveSocket(server: Server, schema: GraphQLSchema, hasCursors: boolean): WebSocketServer {
  const sockets = new WebSocketServer({ server, path: '/graphql' });
  useServer(
    {
      schema,
      context: ({ connectionParams }, _id, payload) => contextFor(connectionParams?.['authorization'], payload),
      ...(hasCursors
        ? {
            onNext: (_context, _id, _payload, { contextValue }, result) =>
              withCursor(result, contextValue as PricesContext) as FormattedExecutionResult,
          }
        : {}),
    },
    sockets,
  );
  return sockets;
}
