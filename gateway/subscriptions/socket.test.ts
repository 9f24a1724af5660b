import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { Redis } from 'ioredis';
import { publishLive } from 'kit/live';
import { startTestRedis, type TestRedis } from 'kit/live.testing';
import { until } from 'kit/testing/until';
import { WebSocket, type ClientOptions } from 'ws';
import { hooksWith, startTestGateway, type TestGateway } from '../testing/gateway.ts';
import { connect, gauge, standing, wait } from '../testing/subscriber.ts';
import { CLOSE, type Close } from './closing.ts';
import { createGraphqlWs, type ProtocolOptions } from './graphql-ws.ts';

let redisServer: TestRedis;
let redis: Redis;
let gateway: TestGateway;
beforeAll(async () => {
  redisServer = await startTestRedis();
  redis = new Redis(redisServer.url);
  const environment = { ALLOWED_ORIGINS: 'https://app.example', MAX_SUBSCRIPTIONS_PER_SOCKET: '2', MAX_SOCKETS: '3' };
  gateway = await startTestGateway({ environment, overrides: { redisUrl: redisServer.url } });
});
afterAll(async () => {
  await gateway.stop();
  redis.disconnect();
  await redisServer.stop();
});

const CHANGED = 'subscription { bookChanged(id: 1) { id title } }';
const open = (options: ClientOptions = {}, path = '/graphql') =>
  new WebSocket(gateway.origin.replace('http', 'ws') + path, 'graphql-transport-ws', options);
const closeOf = async (socket: WebSocket) => {
  const [code, reason] = (await once(socket, 'close')) as [number, Buffer];
  return [code, reason.toString()];
};
const init = async (authorization?: string): Promise<WebSocket> => {
  const socket = open();
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'connection_init', ...(authorization ? { payload: { authorization } } : {}) }));
  return socket;
};

test.each([
  ['an origin that is not allowed', { origin: 'https://evil.example' }, '/graphql', '403'],
  ['another path', {}, '/elsewhere', '404'],
])('%s is refused at the handshake', async (_name, options, path, status) => {
  const [error] = (await once(open(options, path), 'error')) as [Error];
  expect(error.message).toContain(status);
});

test('an allowed origin, the gateway’s own and none at all are let in', async () => {
  for (const options of [{ origin: 'https://app.example' }, { origin: gateway.origin }, {}]) {
    const socket = open(options);
    await once(socket, 'open');
    socket.close();
    await once(socket, 'close');
  }
});

test('more sockets than the limit are refused, and closed ones make room', async () => {
  const sockets = await Promise.all([init(), init(), init()]);
  const [error] = (await once(open(), 'error')) as [Error];
  expect(error.message).toContain('503');
  for (const socket of sockets) socket.close();
  await Promise.all(sockets.map((socket) => once(socket, 'close')));
  const again = await init();
  again.close();
  await once(again, 'close');
});

test('wrong credentials close with 4403, no init with 4408, two with 4429, none before subscribe with 4401', async () => {
  expect((await closeOf(await init('Bearer nobody')))[0]).toBe(4403);
  const late = open();
  expect(await closeOf(late)).toEqual([4408, 'Connection initialisation timeout']);
  const twice = await init();
  twice.send('{"type":"connection_init"}');
  expect((await closeOf(twice))[0]).toBe(4429);
  const early = open();
  await once(early, 'open');
  early.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: CHANGED } }));
  expect((await closeOf(early))[0]).toBe(4401);
});

test('an id in use closes with 4409, one that is done is free again', async () => {
  const socket = await init();
  await once(socket, 'message');
  const subscribe = (query: string) => socket.send(JSON.stringify({ id: 'a', type: 'subscribe', payload: { query } }));
  await standing(() => subscribe(CHANGED));
  socket.send('{"id":"a","type":"complete"}');
  await standing(() => subscribe(CHANGED));
  subscribe('{ me }');
  expect(await closeOf(socket)).toEqual([4409, 'Subscriber for a already exists']);
});

test('more messages than a minute’s worth close with 4429, a steady few do not', async () => {
  const socket = await init();
  await once(socket, 'message');
  for (let number = 0; number < 119; number++) socket.send('{"type":"ping"}');
  await wait(200);
  expect(socket.readyState).toBe(WebSocket.OPEN);
  for (let number = 0; number < 5; number++) socket.send('{"type":"ping"}');
  expect(await closeOf(socket)).toEqual([4429, 'Too many messages: slow down']);
});

test.each([
  ['a message of the server’s', '{"type":"connection_ack"}'],
  ['a subscribe without a query', '{"id":"1","type":"subscribe","payload":{}}'],
  ['a message without a type', '{}'],
  ['an array', '[]'],
])('%s closes with 4400', async (_name, message) => {
  const socket = await init();
  await once(socket, 'message');
  socket.send(message);
  expect((await closeOf(socket))[0]).toBe(4400);
});

test('a ping is answered with its payload, before and after the init', async () => {
  const socket = open();
  await once(socket, 'open');
  socket.send('{"type":"ping","payload":{"a":1}}');
  const [pong] = (await once(socket, 'message')) as [Buffer];
  expect(JSON.parse(pong.toString())).toEqual({ type: 'pong', payload: { a: 1 } });
  socket.close();
  await once(socket, 'close');
});

test('what is no message closes with 4400, what is too large with 1009', async () => {
  const socket = await init();
  socket.send('not json');
  expect((await closeOf(socket))[0]).toBe(4400);
  const large = await init();
  large.send('x'.repeat(65 * 1024));
  expect((await closeOf(large))[0]).toBe(1009);
});

test('another protocol is not spoken, and messages are not compressed', async () => {
  const socket = new WebSocket(gateway.url.replace('http', 'ws'), 'graphql-ws');
  await expect(once(socket, 'open')).rejects.toThrow('no subprotocol');
  const plain = open({ perMessageDeflate: true });
  await once(plain, 'open');
  expect(plain.extensions).toBe('');
  plain.close();
  await once(plain, 'close');
});

test('a socket carries so many operations at once and no more', async () => {
  const client = connect(gateway);
  const [one, two] = await standing(() => [client.subscribe(CHANGED), client.subscribe(CHANGED)] as const, 2);
  expect(await client.subscribe(CHANGED).refused).toMatchObject([
    { extensions: { code: 'SUBSCRIPTION_LIMIT_EXCEEDED', limit: 2 } },
  ]);
  one.unsubscribe();
  await until('it has left', async () => (await gauge('gateway_subscriptions')) === 1);
  const third = await standing(() => client.subscribe(CHANGED));
  await publishLive(redis, 'book:1', { id: 'event_third', payload: { id: '1' } });
  await Promise.all([two.nth(1), third.nth(1)]);
  client.dispose();
});

test('a client that leaves takes everything with it', async () => {
  const client = connect(gateway);
  await standing(() => client.subscribe(CHANGED));
  expect([await gauge('gateway_subscriptions'), await gauge('gateway_sockets')]).toEqual([1, 1]);
  client.dispose();
  await until('it has left', async () => (await gauge('gateway_sockets')) === 0);
  expect(await gauge('gateway_subscriptions')).toBe(0);
  await until('nobody follows', async () => ((await redis.pubsub('CHANNELS', 'live:*')) as string[]).length === 0);
});

test('a reader that does not read loses its socket with a reason', async () => {
  const socket = await init();
  await once(socket, 'message');
  const query = `subscription { bookChanged(id: 1) { ${Array.from({ length: 15 }, (_, index) => `t${index}: title`).join(' ')} } }`;
  await standing(() => socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query } })));
  socket.pause();
  const beside = connect(gateway);
  const quick = await standing(() => beside.subscribe('subscription { bookChanged(id: 1) { id } }'));
  await gateway.query('mutation ($title: String!) { renameBook(id: 1, title: $title) { id } }', {
    variables: { title: 'x'.repeat(20_000) },
  });
  for (let number = 1; number <= 320; number++) {
    await publishLive(redis, 'book:1', { id: `flood_${number}`, payload: { id: '1' } });
    // What one has had the other has been given.
    if (number % 20 === 0) await quick.nth(number);
  }
  const closed = once(socket, 'close');
  socket.resume();
  expect((await closed)[0]).toBe(4450);
  beside.dispose();
  await gateway.query('mutation { renameBook(id: 1, title: "Emma") { id } }');
});

test('an empty operationName is none, as over HTTP', async () => {
  const socket = await init();
  await once(socket, 'message');
  socket.send('{"id":"1","type":"subscribe","payload":{"query":"{ me }","operationName":""}}');
  const [message] = (await once(socket, 'message')) as [Buffer];
  expect(JSON.parse(message.toString())).toMatchObject({ type: 'next', payload: { data: { me: 'anonymous' } } });
  socket.close();
  await once(socket, 'close');
});

test('what fails in the gateway itself names its request', async () => {
  const onRequest = (): never => {
    throw new Error('inside');
  };
  const hooks = { ...hooksWith(new Set()), plugins: [{ name: 'broken', onRequest }] };
  const broken = await startTestGateway({ overrides: { hooks } });
  const client = connect(broken);
  expect(await client.subscribe('{ me }').refused).toMatchObject([
    { extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: expect.any(String) as string } },
  ]);
  client.dispose();
  await broken.stop();
});

/** A connection that has sent a handshake by hand, once something is answered. */
async function handshake(path: string, protocol = ''): Promise<Socket> {
  const { host, port } = new URL(gateway.origin);
  const stream = connectTcp({ port: Number(port), host: '127.0.0.1', allowHalfOpen: true });
  stream.on('error', () => undefined);
  const lines = [`GET ${path} HTTP/1.1`, `Host: ${host}`, 'Connection: Upgrade', 'Upgrade: WebSocket'];
  const key = ['Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='];
  stream.write([...lines, ...key, ...(protocol ? [`Sec-WebSocket-Protocol: ${protocol}`] : []), '', ''].join('\r\n'));
  const [answer] = (await once(stream, 'data')) as [Buffer];
  answered = answer.toString();
  return stream;
}
let answered = '';

test('a handshake may name the whole address, as to a proxy', async () => {
  const stream = await handshake(`${gateway.origin}/graphql`, 'graphql-transport-ws');
  expect(answered).toMatch(/^HTTP\/1\.1 101 /);
  stream.destroy();
});

test('an invalid frame ends its socket, also one that speaks no protocol of ours', async () => {
  for (const protocol of ['', 'graphql-transport-ws']) {
    const stream = await handshake('/graphql', protocol);
    expect(answered).toMatch(/^HTTP\/1\.1 101 /);
    const closed = once(stream, 'end');
    // Reserved bits set, masked, empty.
    stream.write(Buffer.from([0xf1, 0x80, 0, 0, 0, 0]));
    await closed;
    stream.destroy();
  }
  expect((await gateway.query('{ me }')).data).toEqual({ me: 'anonymous' });
});

test('a connection whose handshake was refused ends, whatever its client does', async () => {
  const stream = await handshake('/elsewhere');
  expect(answered).toMatch(/^HTTP\/1\.1 404 /);
  const closed = new Promise((resolve) => stream.once('close', resolve));
  // The client keeps its end open; what it sends meets nobody any more.
  await wait(700);
  stream.write('anybody?');
  await wait(100);
  stream.write('nobody');
  await closed;
});

test('who asks for what needs a sign-in is refused that, and keeps the socket', async () => {
  const environment = { SUBSCRIPTION_TOPICS: '{"bookChanged": "mine:{viewer.userId}"}' };
  const own = await startTestGateway({ environment, overrides: { redisUrl: redisServer.url } });
  const client = connect(own);
  const extensions = { code: 'UNAUTHENTICATED' };
  expect(await client.subscribe(CHANGED).refused).toMatchObject([{ extensions }]);
  expect((await client.subscribe('{ me }').nth(1)).data).toEqual({ me: 'anonymous' });
  const headers = { accept: 'text/event-stream', 'content-type': 'application/json' };
  const stream = await fetch(own.url, { method: 'POST', headers, body: JSON.stringify({ query: CHANGED }) });
  expect(await stream.text()).toContain('"code":"UNAUTHENTICATED"');
  client.dispose();
  await own.stop();
});

test('who asks for answers to pings and takes none is closed as a slow reader', () => {
  const closed: Close[] = [];
  const client = { address: '192.0.2.1', userAgent: '' };
  const wire = { send: () => new Promise<void>(() => undefined), close: (why: Close) => closed.push(why) };
  const protocol = createGraphqlWs({ messagesPerMinute: 1000 } as ProtocolOptions);
  const { onMessage, onClosed } = protocol({ ...wire, client, headers: {} });
  const ping = JSON.stringify({ type: 'ping', payload: { a: 'x'.repeat(60_000) } });
  for (let n = 0; n < 5; n++) onMessage(ping);
  expect(closed).toEqual([]);
  onMessage(ping);
  expect(closed).toEqual([CLOSE.slowReader]);
  onClosed();
});
