import type { Client } from 'pg';
import { HOP_HEADER, signHop } from './hop.ts';
import { serveSubgraph, type SubgraphServer } from './http.ts';
import { newId } from './ids.ts';
import type { RunningSubgraph } from './running.ts';
import { testHop, testStores } from './testing/stores.ts';
import { until } from './testing/until.ts';
import { maker } from './testing/widget.ts';
import { userViewer } from './viewer.ts';

const stores = testStores();
const SECRET = 'a secret of the test alone';
let running: RunningSubgraph;
let server: SubgraphServer;
let table: Client;

beforeAll(async () => {
  running = await stores.start(maker);
  server = await serve();
  table = await stores.client(maker);
});
afterAll(() => server.stop());

const serve = (port = 0) => serveSubgraph(running, { host: '127.0.0.1', port, hopSecret: SECRET });
const bodyOf = (query: string, variables: object = {}) => JSON.stringify({ query, variables });
const signed = (
  body: string,
  options: { secret?: string; audience?: string; signedBody?: string; now?: number } = {},
) => ({
  [HOP_HEADER]: signHop(
    options.secret ?? SECRET,
    options.audience ?? 'maker',
    testHop(userViewer(newId('user'))),
    options.signedBody ?? body,
    options.now,
  ),
});
const post = (body: string | ReadableStream, headers: Record<string, string> = {}, url = server.url) =>
  fetch(url, { method: 'POST', body, headers, ...(typeof body === 'string' ? {} : { duplex: 'half' }) });
const healthOf = (path: string) => fetch(new URL(path, server.url));

test('a signed operation is answered', async () => {
  const body = bodyOf('{ widgets(first: 1) { pageInfo { hasNextPage } } }');
  const response = await post(body, signed(body));
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('application/json');
  expect(await response.json()).toEqual({ data: { widgets: { pageInfo: { hasNextPage: false } } } });
});

test.each([
  ['unsigned', () => ({})],
  ['signed with nonsense', () => ({ [HOP_HEADER]: 'nonsense' })],
  ['signed by another secret', (body: string) => signed(body, { secret: 'another secret' })],
  ['signed for another subgraph', (body: string) => signed(body, { audience: 'taker' })],
  ['signed for another body', (body: string) => signed(body, { signedBody: bodyOf('{ forAdmins }') })],
  ['signed a minute ago', (body: string) => signed(body, { now: Date.now() - 60_000 })],
  ['signed in the future', (body: string) => signed(body, { now: Date.now() + 120_000 })],
  [
    'with headers that claim to be somebody',
    () => ({ 'x-user-id': newId('user'), 'x-forwarded-for': '10.0.0.1', authorization: 'Bearer x' }),
  ],
])('an operation %s is not answered', async (_, headers) => {
  const body = bodyOf('{ __typename }');
  const response = await post(body, headers(body));
  expect(response.status).toBe(401);
  expect(await response.text()).not.toContain('Query');
});

test('health is open, and says how each dependency is', async () => {
  expect(await (await healthOf('/health/live')).json()).toEqual({ status: 'ok' });
  for (const path of ['/health', '/health/ready']) {
    const response = await healthOf(path);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ status: 'ok', dependencies: { postgresql: 'ok', redis: 'ok' } });
  }
});

test.each(['/', '/graphql/x', '/metrics', '/health/x'])(
  'there is nothing at %s, and unsigned not even that',
  async (path) => {
    const body = bodyOf('{ __typename }');
    const url = new URL(path, server.url).toString();
    expect((await post(body, signed(body), url)).status).toBe(404);
    expect((await post(body, {}, url)).status).toBe(401);
  },
);

test.each(['no json', '[]', 'null', '{}', '{"query":5}', ''])(
  'a signed body that is no operation is a bad request: %j',
  async (body) => {
    expect((await post(body, signed(body))).status).toBe(400);
  },
);

test('a body above 4 MB is refused with 413, whether its length was told or not', async () => {
  const body = 'x'.repeat(5 * 1024 * 1024);
  expect((await post(body, signed(body))).status).toBe(413);
  const chunk = new Uint8Array(64 * 1024);
  let chunks = 0;
  const endless = new ReadableStream({
    pull: (controller) => (++chunks > 80 ? controller.close() : controller.enqueue(chunk)),
  });
  expect((await post(endless)).status).toBe(413);
  const small = bodyOf('{ __typename }');
  expect((await post(small, signed(small))).status).toBe(200);
});

test('a busy port is told at the start', async () => {
  await expect(serve(Number(new URL(server.url).port))).rejects.toThrow(/EADDRINUSE/);
});

test('stopping finishes what runs, refuses what is new, and closes', async () => {
  const other = await serve();
  const body = bodyOf('mutation ($input: SaveWidgetInput!) { saveWidget(input: $input) { widget { name } } }', {
    input: { name: 'slow' },
  });
  await table.query('begin');
  await table.query('lock table widget');
  const answer = post(body, signed(body), other.url);
  const beside = await stores.client(maker);
  await until(
    'the mutation waits',
    async () => (await beside.query(`select 1 from pg_stat_activity where wait_event_type = 'Lock'`)).rowCount,
  );
  let isStopped = false;
  const stopping = other.stop().then(() => (isStopped = true));
  await until('nothing new is taken', () =>
    post(body, signed(body), other.url).then(
      () => false,
      () => true,
    ),
  );
  expect(isStopped).toBe(false);
  await table.query('commit');
  expect(await (await answer).json()).toMatchObject({ data: { saveWidget: { widget: { name: 'slow' } } } });
  await stopping;
});
