import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { context, propagation, trace } from '@opentelemetry/api';
import { tracing, NodeSDK } from '@opentelemetry/sdk-node';
import { Redis } from 'ioredis';
import { publishLive } from 'kit/live';
import { startTestRedis } from 'kit/live.testing';
import { until } from 'kit/testing/until';
import { connect, standing } from '../testing/subscriber.ts';
import { hooksWith, startTestGateway, type TestGateway } from '../testing/gateway.ts';
import type { RestApi } from '../rest/rest.ts';
import { httpTransport } from '../transport/http.ts';
import { inSpan, isTracing, SpanKind, startSpans, stopSpans } from './spans.ts';

const { InMemorySpanExporter, SimpleSpanProcessor } = tracing;
const exporter = new InMemorySpanExporter();
const TRACE = '0af7651916cd43dd8448eb211c80319c';
const traceparent = `00-${TRACE}-b7ad6b7169203331-01`;

const rest: RestApi = {
  base: '/api',
  title: 'Books',
  version: '1',
  operations: [
    {
      id: 'bookTitle',
      method: 'GET',
      path: '/books/:id',
      tag: 'books',
      summary: 'A book',
      document: 'query BookTitle($id: ID!) { book(id: $id) { title } }',
    },
    { id: 'me', method: 'GET', path: '/me', tag: 'people', summary: 'Who asks', document: '{ me }' },
  ],
};

test('without an SDK no span is made and the work is only done', () => {
  expect(isTracing()).toBe(false);
  expect(inSpan('work', (span) => [span, 42])).toEqual([null, 42]);
});

describe('with an SDK', () => {
  const sdk = new NodeSDK({
    spanProcessors: [new SimpleSpanProcessor(exporter)],
    metricReaders: [],
    logRecordProcessors: [],
    instrumentations: [],
  });
  const asked: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    asked.push(request.headers['traceparent'] as string | undefined);
    request.resume().on('end', () => response.end('{"data":{"me":"you"}}'));
  });
  let gateway: TestGateway;
  let inProcessTrace: string | undefined;
  beforeAll(async () => {
    sdk.start();
    startSpans();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const options = { secret: null, timeoutSeconds: 1, responseLimitBytes: 10_000, connections: 1 };
    const people = httpTransport({ name: 'people', url, ...options });
    const library = {
      send: () => {
        inProcessTrace = trace.getActiveSpan()?.spanContext().traceId;
        return Promise.reject(new Error('away'));
      },
      close: () => Promise.resolve(),
    };
    gateway = await startTestGateway({
      overrides: { transports: { people, library }, hooks: { ...hooksWith(new Set()), rest } },
    });
  });
  afterAll(async () => {
    await gateway.stop();
    server.closeAllConnections();
    server.close();
    stopSpans();
    await sdk.shutdown();
    for (const api of [trace, context, propagation]) api.disable();
  });
  beforeEach(() => {
    exporter.reset();
    asked.length = 0;
  });
  const spans = () => exporter.getFinishedSpans();
  const named = (name: string) => spans().find((span) => span.name === name);

  test('a product’s own route has one too', async () => {
    await fetch(`${gateway.origin}/.well-known/thing`, { headers: { traceparent } });
    await until('it has ended', () => named('GET /.well-known/thing'));
    const { parentSpanContext, attributes } = named('GET /.well-known/thing') ?? {};
    expect(parentSpanContext?.traceId).toBe(TRACE);
    expect(attributes).toMatchObject({ 'http.response.status_code': 200, 'http.route': '/.well-known/thing' });
  });

  test('a request has spans of parsing, validation, planning, each fetch and shaping, below the client’s own', async () => {
    await gateway.query('query Who { me }', { headers: { traceparent, 'x-request-id': 'request-0001' } });
    const root = named('POST /graphql');
    expect(root?.parentSpanContext?.spanId).toBe('b7ad6b7169203331');
    expect(root?.attributes).toMatchObject({ 'http.response.status_code': 200, 'request.id': 'request-0001' });
    const parents = Object.fromEntries(
      spans().map(({ name, parentSpanContext }) => [
        name,
        spans().find((span) => span.spanContext().spanId === parentSpanContext?.spanId)?.name,
      ]),
    );
    expect(parents).toEqual({
      'POST /graphql': undefined,
      'graphql.prepare': 'POST /graphql',
      'graphql.parse': 'graphql.prepare',
      'graphql.validate': 'graphql.prepare',
      'graphql.plan': 'graphql.prepare',
      'graphql.execute': 'POST /graphql',
      'graphql.fetch': 'graphql.execute',
      'graphql.shape': 'graphql.execute',
    });
    expect(new Set(spans().map((span) => span.spanContext().traceId))).toEqual(new Set([TRACE]));
    expect(named('graphql.execute')?.attributes).toMatchObject({
      'graphql.operation.type': 'query',
      'graphql.operation.name': 'Who',
    });
  });

  test('a subgraph over HTTP is told of its fetch, one in this process finds it at hand', async () => {
    await gateway.query('{ me books { id } }', { headers: { traceparent } });
    const fetches = spans().filter(({ name }) => name === 'graphql.fetch');
    const people = fetches.find(({ attributes }) => attributes['graphql.subgraph'] === 'people');
    expect(asked).toEqual([`00-${TRACE}-${people?.spanContext().spanId}-01`]);
    expect(inProcessTrace).toBe(TRACE);
    const failed = fetches.find(({ attributes }) => attributes['graphql.subgraph'] === 'library');
    expect([failed?.status.code, failed?.attributes['error.type']]).toEqual([2, 'SUBGRAPH_UNAVAILABLE']);
  });

  test('a request by REST has its span too, named by its route', async () => {
    const get = (path: string) => fetch(`${gateway.origin}/api${path}`, { headers: { traceparent } });
    expect((await get('/me')).status).toBe(200);
    const fetched = named('graphql.fetch')?.spanContext().spanId;
    expect(asked).toEqual([`00-${TRACE}-${fetched}-01`]);
    const root = named('GET /api/me');
    expect(root?.parentSpanContext?.spanId).toBe('b7ad6b7169203331');
    expect(root?.attributes).toMatchObject({ 'http.response.status_code': 200, 'url.path': '/api/me' });
    expect(named('graphql.execute')?.parentSpanContext?.spanId).toBe(root?.spanContext().spanId);

    exporter.reset();
    const paths = ['/books/1', '/nowhere', '/openapi.json'];
    for (const path of paths) await get(path);
    const servers = spans().filter(({ kind }) => kind === SpanKind.SERVER);
    expect(servers.map(({ name, attributes }) => [name, attributes['http.response.status_code']])).toEqual([
      ['GET /api/books/:id', 503],
      ['GET /api/', 404],
      ['GET /api/openapi.json', 200],
    ]);
  });

  test('a text that is known is not parsed or planned again; a refusal is marked', async () => {
    await gateway.query('{ me }');
    exporter.reset();
    await gateway.query('{ me }');
    expect(named('graphql.plan')).toBeUndefined();
    await gateway.query('{ nothing }');
    expect(spans().find(({ attributes }) => attributes['error.type'] === 'GRAPHQL_VALIDATION_FAILED')).toBeDefined();
  });

  test('a live event is a trace of its own, with the fetches that make its answer', async () => {
    const server = await startTestRedis();
    const redis = new Redis(server.url);
    const live = await startTestGateway({ overrides: { redisUrl: server.url } });
    const client = connect(live, 'user_a');
    try {
      const query = 'subscription Changed { bookChanged(id: 1) { title writer { name } } }';
      const subscriber = await standing(() => client.subscribe(query));
      exporter.reset();
      await publishLive(redis, 'book:1', { id: 'event_1', payload: { id: '1' } });
      await subscriber.nth(1);
      const event = await until('its span', () => named('graphql.event'));
      expect(event.parentSpanContext).toBeUndefined();
      expect(event.attributes).toMatchObject({ 'graphql.operation.name': 'Changed' });
      const { traceId } = event.spanContext();
      const fetched = spans().filter((span) => span.name === 'graphql.fetch' && span.spanContext().traceId === traceId);
      expect(fetched.map(({ attributes }) => attributes['graphql.subgraph'])).toEqual(['library', 'people']);
    } finally {
      client.dispose();
      await live.stop();
      redis.disconnect();
      await server.stop();
    }
  });

  test('work that throws ends its span with the error, whether at once or later', async () => {
    expect(() => inSpan('at once', () => breaks('now'))).toThrow('now');
    await expect(inSpan('later', async () => breaks(await Promise.resolve('then')))).rejects.toThrow('then');
    expect(spans().map(({ name, status }) => [name, status.message])).toEqual([
      ['at once', 'now'],
      ['later', 'then'],
    ]);
  });
});

function breaks(message: string): never {
  throw new Error(message);
}
