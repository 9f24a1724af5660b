import { ApolloClient, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { createClient as createUrql, fetchExchange, subscriptionExchange } from '@urql/core';
import { createClient as createSse } from 'graphql-sse';
import { createClient as createWs, type Client as WsClient } from 'graphql-ws';
import { Redis } from 'ioredis';
import { publishLive } from 'kit/live';
import { startTestRedis, type TestRedis } from 'kit/live.testing';
import { until } from 'kit/testing/until';
import relay, { type GraphQLResponse, type RequestParameters } from 'relay-runtime';
import { WebSocket } from 'ws';
import { startTestGateway, type TestGateway } from '../testing/gateway.ts';
import { standing } from '../testing/subscriber.ts';

let redisServer: TestRedis;
let redis: Redis;
let gateway: TestGateway;
let ws: WsClient;
beforeAll(async () => {
  redisServer = await startTestRedis();
  redis = new Redis(redisServer.url);
  gateway = await startTestGateway({ transports: 'http', overrides: { redisUrl: redisServer.url } });
  ws = createWs({
    url: gateway.url.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: { authorization: 'Bearer user_a' },
  });
});
afterAll(async () => {
  await ws.dispose();
  await gateway.stop();
  redis.disconnect();
  await redisServer.stop();
});

const QUERY = 'subscription Changed($id: ID!) { bookChanged(id: $id) { id title writer { id readBy } } }';
const variables = { id: '1' };
const BOOK = { id: '1', title: 'Emma', writer: { id: 'w1', readBy: 'user_a' } };
const headers = { authorization: 'Bearer user_a' };
let eventNumber = 0;
const publish = () => publishLive(redis, 'book:1', { id: `event_${++eventNumber}`, payload: { id: '1' } });

/** Two events through a client's subscription, which is then ended. */
async function follows(subscribe: (next: (data: unknown) => void) => () => void): Promise<void> {
  const seen: unknown[] = [];
  const end = await standing(() => subscribe((data) => seen.push(data)));
  await publish();
  await until('the first event', () => seen.length === 1);
  await publish();
  await until('the second event', () => seen.length === 2);
  end();
  for (const data of seen) expect(data).toMatchObject({ bookChanged: BOOK });
  await until('the gateway has let go', async () => (await redis.pubsub('NUMSUB', 'live:book:1'))[1] === 0);
}

test('graphql-ws', () =>
  follows((next) =>
    ws.subscribe(
      { query: QUERY, variables },
      { next: ({ data }) => next(data), error: fail, complete: () => undefined },
    ),
  ));

test('graphql-sse, distinct connections', () => {
  const client = createSse({ url: gateway.url, headers, retryAttempts: 0 });
  return follows((next) =>
    client.subscribe(
      { query: QUERY, variables },
      { next: ({ data }) => next(data), error: fail, complete: () => undefined },
    ),
  );
});

test('graphql-sse answers queries and mutations as one result, and errors as one', async () => {
  const client = createSse({ url: gateway.url, headers, retryAttempts: 0 });
  const all = async (query: string) => {
    const results: unknown[] = [];
    for await (const result of client.iterate({ query })) results.push(result);
    return results;
  };
  expect(await all('{ me }')).toEqual([{ data: { me: 'user_a' } }]);
  expect(await all('mutation { renameBook(id: 2, title: "Persuasion") { id } }')).toEqual([
    { data: { renameBook: { id: '2' } } },
  ]);
  expect(await all('{ nothing }')).toMatchObject([{ errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }] }]);
  client.dispose();
});

const apollo = (link: ConstructorParameters<typeof ApolloClient>[0]['link']) =>
  new ApolloClient({ link, cache: new InMemoryCache() });

test.each([
  ['multipart over HTTP', () => new HttpLink({ uri: gateway.url, headers })],
  ['GraphQLWsLink', () => new GraphQLWsLink(ws)],
])('Apollo Client, %s', (_name, linkOf) =>
  follows((next) => {
    const client = apollo(linkOf());
    const subscription = client
      .subscribe({ query: gql(QUERY), variables })
      .subscribe({ next: ({ data, error }) => (error ? fail(error) : next(data)), error: fail });
    return () => subscription.unsubscribe();
  }),
);

test('Apollo Client is told over multipart why a subscription ends', async () => {
  const client = apollo(new HttpLink({ uri: gateway.url, headers: { authorization: 'Bearer user_c' } }));
  const errors: unknown[] = [];
  await standing(() =>
    client.subscribe({ query: gql(QUERY), variables }).subscribe({ next: ({ error }) => error && errors.push(error) }),
  );
  gateway.ended.add('user_c');
  await until('the end', () => errors.length > 0);
  expect(errors).toMatchObject([{ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] }]);
});

test('urql', () =>
  follows((next) => {
    const client = createUrql({
      url: gateway.url,
      preferGetMethod: false,
      exchanges: [
        subscriptionExchange({
          forwardSubscription: ({ query = '', variables: values }) => ({
            subscribe: (sink) => ({
              unsubscribe: ws.subscribe({ query, variables: values as Record<string, unknown> }, sink as never),
            }),
          }),
        }),
        fetchExchange,
      ],
    });
    const { unsubscribe } = client
      .subscription(QUERY, variables)
      .subscribe(({ data, error }) => (error ? fail(error) : next(data)));
    return unsubscribe;
  }));

test('Relay’s network layer', () =>
  follows((next) => {
    const network = relay.Network.create(
      () => Promise.reject(new Error('not asked')),
      (request: RequestParameters, values) =>
        relay.Observable.create<GraphQLResponse>((sink) =>
          ws.subscribe({ query: request.text ?? '', operationName: request.name, variables: values }, sink as never),
        ),
    );
    const parameters: RequestParameters = {
      id: null,
      cacheID: 'changed',
      name: 'Changed',
      operationKind: 'subscription',
      text: QUERY,
      metadata: {},
    };
    const { unsubscribe } = network
      .execute(parameters, variables, { force: true })
      .subscribe({ next: (response) => next((response as { data: unknown }).data), error: fail });
    return unsubscribe;
  }));

function fail(error: unknown): void {
  throw error instanceof Error ? error : new Error(JSON.stringify(error));
}
