import { Redis } from 'ioredis';
import { liveKey, publishLive } from 'kit/live';
import { startTestRedis, type TestRedis } from 'kit/live.testing';
import { until } from 'kit/testing/until';
import { hooksWith, startTestGateway, type TestGateway } from '../testing/gateway.ts';
import { gauge, standing, wait } from '../testing/subscriber.ts';

let redisServer: TestRedis;
let redis: Redis;
let gateway: TestGateway;
beforeAll(async () => {
  redisServer = await startTestRedis();
  redis = new Redis(redisServer.url);
  gateway = await startTestGateway({
    environment: { MAX_CONNECTIONS_PER_VIEWER: '2', ALLOWED_ORIGINS: 'https://app.example' },
    overrides: { redisUrl: redisServer.url },
  });
});
afterAll(async () => {
  await gateway.stop();
  redis.disconnect();
  await redisServer.stop();
});

const QUERY = 'subscription { bookChanged(id: 1) { title } }';
const MULTIPART = 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0,application/json';
const MULTIPART_REFUSED = 'multipart/mixed;subscriptionSpec=1.0;q=0';
const controls: AbortController[] = [];
afterEach(async () => {
  for (const control of controls.splice(0)) control.abort();
  await until('no subscription is left', async () => (await gauge('gateway_subscriptions')) === 0);
});

interface Opened {
  readonly status: number;
  readonly headers: Headers;
  /** What has come so far. */
  readonly text: () => string;
  readonly ended: Promise<void>;
}

async function open(options: {
  accept: string;
  headers?: Record<string, string>;
  query?: string;
  method?: 'GET';
}): Promise<Opened> {
  const { accept, headers = {}, query = QUERY, method = 'POST' } = options;
  const control = new AbortController();
  controls.push(control);
  const url = method === 'GET' ? `${gateway.url}?query=${encodeURIComponent(query)}` : gateway.url;
  const body = method === 'GET' ? {} : { body: JSON.stringify({ query }) };
  const response = await fetch(url, {
    method,
    headers: { accept, 'content-type': 'application/json', ...headers },
    signal: control.signal,
    ...body,
  });
  let text = '';
  const read = async (): Promise<void> => {
    for await (const chunk of response.body ?? []) text += Buffer.from(chunk).toString();
  };
  return { status: response.status, headers: response.headers, text: () => text, ended: read().catch(() => undefined) };
}

let eventNumber = 0;
const publish = () => publishLive(redis, 'book:1', { id: `event_${++eventNumber}`, payload: { id: '1' } });
const cursorsIn = (text: string) => [...text.matchAll(/^id: (.*)$/gm)].map(([, id]) => id);

describe.each(['POST', 'GET'] as const)('SSE by %s', (method) => {
  const options = { accept: 'text/event-stream', ...(method === 'GET' ? { method } : {}) };

  test('events have their cursor as id', async () => {
    const opened = await standing(() => open(options));
    expect([opened.status, opened.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
    await publish();
    await until('an event', () => opened.text().includes('event: next'));
    const [, cursor] = (await redis.xrevrange(liveKey('book:1'), '+', '-', 'COUNT', 1)).flat() as string[];
    expect(cursor).toBeDefined();
    expect(opened.text()).toMatch(
      /^:\n\nid: (\d+-\d+)\nevent: next\ndata: \{"data":\{"bookChanged":\{"title":"Emma"\}\},"extensions":\{"cursor":"\1"\}\}\n\n$/,
    );
  });

  test('Last-Event-ID resumes: each missed event once, in order', async () => {
    const first = await standing(() => open(options));
    await publish();
    await until('an event', () => cursorsIn(first.text()).length === 1);
    const [cursor = ''] = cursorsIn(first.text());
    controls.pop()?.abort();
    await publish();
    await publish();
    const again = await open({ ...options, headers: { 'last-event-id': cursor } });
    await until('what was missed', () => cursorsIn(again.text()).length === 2);
    await publish();
    await until('what comes now', () => cursorsIn(again.text()).length === 3);
    const cursors = cursorsIn(again.text());
    expect(cursors).toEqual([...new Set(cursors)].sort());
    expect(again.text()).not.toContain('gap');
  });

  test('what is no cursor is refused in the stream', async () => {
    const stream = await open({ ...options, headers: { 'last-event-id': 'x' } });
    await stream.ended;
    expect(stream.text()).toContain('INVALID_CURSOR');
    expect(stream.text()).toContain('event: complete');
  });

  test('a page of another site is refused', async () => {
    const stream = await open({ ...options, headers: { origin: 'https://evil.example' } });
    await stream.ended;
    expect(stream.text()).toContain('FORBIDDEN');
  });
});

test('mutations do not come by GET', async () => {
  const query = 'mutation { renameBook(id: 1, title: "x") { id } }';
  const stream = await open({ accept: 'text/event-stream', method: 'GET', query });
  await stream.ended;
  expect(stream.text()).toContain('METHOD_NOT_ALLOWED');
});

test('multipart: an event is complete as soon as it is sent, its end has a boundary', async () => {
  const opened = await standing(() => open({ accept: MULTIPART, headers: { authorization: 'Bearer user_m' } }));
  expect(opened.headers.get('content-type')).toBe('multipart/mixed;boundary="graphql";subscriptionSpec=1.0');
  await publish();
  await until('an event', () => opened.text().includes('payload'));
  expect(opened.text()).toMatch(
    /^\r\n--graphql\r\ncontent-type: application\/json\r\n\r\n\{"payload":\{"data":\{"bookChanged":\{"title":"Emma"\}\},"extensions":\{"cursor":"[\d-]+"\}\}\}\r\n--graphql$/,
  );
  gateway.ended.add('user_m');
  await opened.ended;
  expect(opened.text()).toMatch(/"payload":null,"errors":\[\{.*"UNAUTHENTICATED"\}\}\]\}\r\n--graphql--\r\n$/);
});

test('a query that would take multipart is answered as JSON', async () => {
  const opened = await open({ accept: MULTIPART, query: '{ me }' });
  await opened.ended;
  expect([opened.headers.get('content-type'), opened.text()]).toEqual([
    'application/json; charset=utf-8',
    '{"data":{"me":"anonymous"}}',
  ]);
});

test.each(['application/json, text/event-stream;q=0', 'application/json, text/event-stream;q=0.1'])(
  'a query that would rather have JSON is answered as JSON: %s',
  async (accept) => {
    const opened = await open({ accept, query: '{ me }' });
    await opened.ended;
    expect([opened.headers.get('content-type'), opened.text()]).toEqual([
      'application/json; charset=utf-8',
      '{"data":{"me":"anonymous"}}',
    ]);
  },
);

test.each([
  'application/json, text/event-stream',
  'text/event-stream, */*',
  'application/json;q=0.5, TEXT/EVENT-STREAM;q=0.5',
])('a query that takes SSE no less than JSON is answered by it: %s', async (accept) => {
  const opened = await open({ accept, query: '{ me }' });
  await opened.ended;
  expect(opened.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
});

test('a subscription goes by SSE, which is its only way, however little that is wanted; not where it is refused', async () => {
  const little = await standing(() => open({ accept: 'application/json, text/event-stream;q=0.1' }));
  expect(little.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  for (const accept of ['application/json, text/event-stream;q=0', `application/json, ${MULTIPART_REFUSED}`]) {
    const refused = await open({ accept });
    await refused.ended;
    expect(refused.headers.get('content-type')).toBe('application/json; charset=utf-8');
  }
});

test('a refused subscription over multipart is a plain answer', async () => {
  const opened = await open({ accept: MULTIPART, query: 'subscription { nothing }' });
  await opened.ended;
  expect(opened.headers.get('content-type')).toMatch(/^application\/json/);
  expect(opened.text()).toContain('GRAPHQL_VALIDATION_FAILED');
});

test('a viewer has so many connections and no more', async () => {
  const [first] = await standing(async () => [await open({ accept: MULTIPART }), await open({ accept: MULTIPART })], 2);
  const refused = await open({ accept: MULTIPART });
  await refused.ended;
  expect([first?.status, refused.status]).toEqual([200, 429]);
  expect(refused.text()).toContain('CONNECTION_LIMIT_EXCEEDED');
  const other = await standing(() => open({ accept: MULTIPART, headers: { authorization: 'Bearer user_z' } }));
  expect(other.status).toBe(200);
});

test('a gateway that stops ends its streams so that clients come again', async () => {
  const own = await startTestGateway({ overrides: { redisUrl: redisServer.url } });
  const ask = (accept: string) =>
    fetch(own.url, {
      method: 'POST',
      headers: { accept, 'content-type': 'application/json' },
      body: JSON.stringify({ query: QUERY }),
    });
  const [events, parts] = await Promise.all([ask('text/event-stream'), ask(MULTIPART)]);
  const texts = Promise.all([events.text(), parts.text()]);
  await own.stop();
  const [sse, multipart] = await texts;
  expect(sse).not.toContain('complete');
  expect(multipart).toContain('GOING_AWAY');
});

test('a client that goes while its stream is being prepared is connected no more', async () => {
  const { authenticate } = hooksWith(new Set());
  let delay = 200;
  const own = await startTestGateway({
    environment: { MAX_CONNECTIONS_PER_VIEWER: '2' },
    overrides: { hooks: { authenticate: (credentials) => wait(delay).then(() => authenticate(credentials)) } },
  });
  const ask = (signal?: AbortSignal) =>
    fetch(own.url, {
      method: 'POST',
      headers: { accept: 'text/event-stream', 'content-type': 'application/json' },
      body: '{"query":"{ me }"}',
      ...(signal ? { signal } : {}),
    });
  const gone = Array.from({ length: 3 }, () => ask(AbortSignal.timeout(50)));
  for (const outcome of await Promise.allSettled(gone)) expect(outcome.status).toBe('rejected');
  await wait(500);
  delay = 0;
  expect(await (await ask()).text()).toContain('{"data":{"me":"anonymous"}}');
  await own.stop();
});
