import { once } from 'node:events';
import { Redis } from 'ioredis';
import { publishLive } from 'kit/live';
import { startTestRedis, type TestRedis } from 'kit/live.testing';
import { WebSocket, type ClientOptions } from 'ws';
import { startTestGateway, type TestGateway } from '../testing/gateway.ts';
import { gauge, standing, wait } from '../testing/subscriber.ts';

// PROTOCOL.md of graphql-ws, sentence by sentence, with a client that knows nothing of it.

let redisServer: TestRedis;
let redis: Redis;
let gateway: TestGateway;
beforeAll(async () => {
  redisServer = await startTestRedis();
  redis = new Redis(redisServer.url);
  const environment = { RATE_LIMITS: 'off', ALLOWED_ORIGINS: 'https://app.example' };
  gateway = await startTestGateway({ environment, overrides: { redisUrl: redisServer.url } });
});
afterAll(async () => {
  await gateway.stop();
  redis.disconnect();
  await redisServer.stop();
});

type Message = Record<string, unknown> & { type: string; id?: string };

interface Peer {
  readonly socket: WebSocket;
  readonly send: (message: unknown) => void;
  /** Everything received, in order. */
  readonly received: Message[];
  /** The next message that has not been taken yet. */
  readonly next: () => Promise<Message>;
  readonly closed: Promise<readonly [number, string]>;
}

function wrap(socket: WebSocket): Peer {
  const received: Message[] = [];
  const waiting: (() => void)[] = [];
  let taken = 0;
  socket.on('message', (data: Buffer, isBinary) => {
    expect(isBinary).toBe(false);
    received.push(JSON.parse(data.toString()) as Message);
    waiting.shift()?.();
  });
  const closed = new Promise<readonly [number, string]>((resolve) =>
    socket.on('close', (code, reason) => resolve([code, reason.toString()])),
  );
  const next = async (): Promise<Message> => {
    const index = taken++;
    while (received.length <= index) await new Promise<void>((resolve) => waiting.push(resolve));
    return received[index] as Message;
  };
  const send = (message: unknown): void => socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  return { socket, send, received, next, closed };
}

const PROTOCOL = 'graphql-transport-ws';
const address = (path = '/graphql'): string => gateway.origin.replace('http', 'ws') + path;

async function open(protocols: string | string[] = PROTOCOL, options: ClientOptions = {}): Promise<Peer> {
  const socket = new WebSocket(address(), protocols, options);
  const peer = wrap(socket);
  await once(socket, 'open');
  return peer;
}

async function acknowledged(): Promise<Peer> {
  const peer = await open();
  peer.send({ type: 'connection_init' });
  expect(await peer.next()).toEqual({ type: 'connection_ack' });
  return peer;
}

async function leave({ socket, closed }: Peer, code = 1000): Promise<void> {
  socket.close(code);
  expect((await closed)[0]).toBe(code);
}

const subscribe = (id: string, query: string, further: object = {}): Message => ({
  id,
  type: 'subscribe',
  payload: { query, ...further },
});
const CHANGED = 'subscription { bookChanged(id: 1) { id title } }';
const change = (id: string) => publishLive(redis, 'book:1', { id, payload: { id: '1' } });

describe('the handshake', () => {
  test('speaks graphql-transport-ws, also where a client would take others', async () => {
    for (const protocols of [PROTOCOL, [PROTOCOL, 'graphql-ws'], ['graphql-ws', PROTOCOL]]) {
      const peer = await open(protocols);
      expect(peer.socket.protocol).toBe(PROTOCOL);
      await leave(peer);
    }
  });

  test('a client that asks for no protocol is closed with 4406 and gets nothing', async () => {
    const socket = new WebSocket(address());
    const peer = wrap(socket);
    await once(socket, 'open');
    peer.send({ type: 'connection_init' });
    expect(await Promise.race([peer.closed, peer.next()])).toEqual([4406, 'Subprotocol not acceptable']);
  });

  test('a client that asks for another one is given none', async () => {
    const socket = new WebSocket(address(), 'graphql-ws');
    await expect(once(socket, 'open')).rejects.toThrow('no subprotocol');
  });

  test.each([
    ['a page of another site', '/graphql', { origin: 'https://evil.example' }, '403'],
    ['a sandboxed frame', '/graphql', { origin: 'null' }, '403'],
    ['another path', '/', {}, '404'],
    ['a path below', '/graphql/ws', {}, '404'],
  ])('%s is refused', async (_name, path, options, status) => {
    const [error] = (await once(new WebSocket(address(path), PROTOCOL, options), 'error')) as [Error];
    expect(error.message).toContain(status);
  });

  test('an allowed page, one of ours and a program are let in', async () => {
    for (const options of [{ origin: 'https://app.example' }, { origin: gateway.origin }, {}]) {
      await leave(await open(PROTOCOL, options));
    }
    const withSearch = new WebSocket(address('/graphql?session=1'), PROTOCOL);
    await once(withSearch, 'open');
    withSearch.close();
    await once(withSearch, 'close');
  });
});

describe('connection_init', () => {
  test('is acknowledged, with a payload, null or none', async () => {
    for (const payload of [{}, { payload: null }, { payload: { authorization: 'Bearer user_1', other: [1] } }]) {
      const peer = await open();
      peer.send({ type: 'connection_init', ...payload });
      expect((await peer.next()).type).toBe('connection_ack');
      await leave(peer);
    }
  });

  test('that does not come in time closes with 4408, pings or not', async () => {
    const [silent, pinging] = await Promise.all([open(), open()]);
    const timer = setInterval(() => pinging.send({ type: 'ping' }), 500);
    const expected = [4408, 'Connection initialisation timeout'];
    expect(await Promise.all([silent.closed, pinging.closed])).toEqual([expected, expected]);
    clearInterval(timer);
  });

  test('that comes twice closes with 4429, also before the acknowledgement', async () => {
    const expected = [4429, 'Too many initialisation requests'];
    const after = await acknowledged();
    after.send({ type: 'connection_init' });
    expect(await after.closed).toEqual(expected);
    const before = await open();
    before.send({ type: 'connection_init' });
    before.send({ type: 'connection_init' });
    expect(await before.closed).toEqual(expected);
  });

  test('with wrong credentials closes with 4403', async () => {
    const peer = await open();
    peer.send({ type: 'connection_init', payload: { authorization: 'Bearer nobody' } });
    const [code, reason] = await peer.closed;
    expect([code, reason]).toEqual([4403, expect.stringContaining('Forbidden')]);
    expect(peer.received).toEqual([]);
  });

  test('subscribe before the acknowledgement closes with 4401, and runs nothing', async () => {
    const mutation = subscribe('1', 'mutation { renameBook(id: 1, title: "Too early") { id } }');
    const early = await open();
    early.send(mutation);
    expect(await early.closed).toEqual([4401, 'Unauthorized']);
    const hasty = await open();
    hasty.send({ type: 'connection_init' });
    hasty.send(mutation);
    expect((await hasty.closed)[0]).toBe(4401);
    expect((await gateway.query('{ book(id: 1) { title } }')).data).toEqual({ book: { title: 'Emma' } });
  });
});

describe('ping and pong', () => {
  test('a ping is answered at any time, with the payload it had', async () => {
    const peer = await open();
    peer.send({ type: 'ping' });
    expect(await peer.next()).toEqual({ type: 'pong' });
    peer.send({ type: 'ping', payload: { sentAt: 1, nested: { a: [null] } } });
    expect(await peer.next()).toEqual({ type: 'pong', payload: { sentAt: 1, nested: { a: [null] } } });
    peer.send({ type: 'connection_init' });
    expect((await peer.next()).type).toBe('connection_ack');
    peer.send({ type: 'ping', payload: null });
    expect((await peer.next()).type).toBe('pong');
    await leave(peer);
  });

  test('a pong that nobody asked for is taken and not answered', async () => {
    const peer = await acknowledged();
    peer.send({ type: 'pong' });
    peer.send({ type: 'pong', payload: { a: 1 } });
    peer.send({ type: 'ping' });
    expect(await peer.next()).toEqual({ type: 'pong' });
    expect(peer.received).toHaveLength(2);
    await leave(peer);
  });
});

describe('operations', () => {
  test('a query is one next and complete, a mutation too', async () => {
    const peer = await acknowledged();
    peer.send(
      subscribe('q', 'query Q($id: ID!) { book(id: $id) { id } }', { variables: { id: '1' }, operationName: 'Q' }),
    );
    expect(await peer.next()).toEqual({ id: 'q', type: 'next', payload: { data: { book: { id: '1' } } } });
    expect(await peer.next()).toEqual({ id: 'q', type: 'complete' });
    peer.send(subscribe('m', 'mutation { renameBook(id: 2, title: "Persuasion") { title } }'));
    expect(await peer.next()).toMatchObject({
      id: 'm',
      type: 'next',
      payload: { data: { renameBook: { title: 'Persuasion' } } },
    });
    expect(await peer.next()).toEqual({ id: 'm', type: 'complete' });
    await leave(peer);
  });

  test('null stands for what is left out', async () => {
    const peer = await acknowledged();
    peer.send(subscribe('1', '{ me }', { variables: null, operationName: null, extensions: null }));
    expect(await peer.next()).toEqual({ id: '1', type: 'next', payload: { data: { me: 'anonymous' } } });
    await leave(peer);
  });

  test('errors of the execution come with the data, in next', async () => {
    const peer = await acknowledged();
    peer.send(subscribe('1', '{ me broken }'));
    const { type, payload } = await peer.next();
    expect([type, payload]).toMatchObject([
      'next',
      { data: { me: 'anonymous', broken: null }, errors: [{ path: ['broken'] }] },
    ]);
    expect(await peer.next()).toEqual({ id: '1', type: 'complete' });
    await leave(peer);
  });

  test.each([
    ['what cannot be read', '{ me', {}, 'GRAPHQL_PARSE_FAILED'],
    ['what does not fit', '{ mee }', {}, 'GRAPHQL_VALIDATION_FAILED'],
    ['variables that do not fit', 'query ($id: ID!) { book(id: $id) { id } }', {}, 'BAD_USER_INPUT'],
    ['an operation that is not there', '{ me }', { operationName: 'Other' }, 'OPERATION_RESOLUTION_FAILURE'],
    [
      'a subscription that does not fit',
      'subscription { bookChanged(id: 1) { nothing } }',
      {},
      'GRAPHQL_VALIDATION_FAILED',
    ],
  ])(
    '%s is an error message with a list, without complete, and the socket lives on',
    async (_name, query, further, code) => {
      const peer = await acknowledged();
      peer.send(subscribe('bad', query, further));
      const error = await peer.next();
      expect(error).toEqual({ id: 'bad', type: 'error', payload: expect.any(Array) as unknown });
      expect(error['payload']).toMatchObject([{ message: expect.any(String) as string, extensions: { code } }]);
      expect(JSON.stringify(error)).not.toMatch(/"http"|stack/);
      // The id is free again.
      peer.send(subscribe('bad', '{ me }'));
      expect((await peer.next()).type).toBe('next');
      expect((await peer.next()).type).toBe('complete');
      expect(peer.received).toHaveLength(4);
      await leave(peer);
    },
  );

  test('operations run side by side: a quick one does not wait for a slow one', async () => {
    const peer = await acknowledged();
    peer.send(subscribe('slow', '{ slow }'));
    peer.send(subscribe('quick', '{ me }'));
    expect((await peer.next()).id).toBe('quick');
    expect((await peer.next()).id).toBe('quick');
    // A result that comes after the client's complete is not sent.
    peer.send({ id: 'slow', type: 'complete' });
    peer.send({ type: 'ping' });
    expect((await peer.next()).type).toBe('pong');
    gateway.graph.release();
    await wait(100);
    expect(peer.received.filter(({ id }) => id === 'slow')).toEqual([]);
    await leave(peer);
  });

  test('an id in use closes with 4409 and its name, whatever the kinds of operation', async () => {
    const peer = await acknowledged();
    await standing(() => peer.send(subscribe('twice', CHANGED)));
    peer.send(subscribe('twice', '{ me }'));
    expect(await peer.closed).toEqual([4409, 'Subscriber for twice already exists']);
    const long = await acknowledged();
    const id = 'ü'.repeat(100);
    await standing(() => long.send(subscribe(id, CHANGED)));
    long.send(subscribe(id, CHANGED));
    expect(await long.closed).toEqual([4409, 'Subscriber already exists']);
  });

  test('ids are only names: of objects’ own properties, of one letter, of a thousand', async () => {
    const peer = await acknowledged();
    for (const id of ['__proto__', 'constructor', '"quoted"\n', ' ', '0', 'x'.repeat(1000)]) {
      peer.send(subscribe(id, '{ me }'));
      expect(await peer.next()).toMatchObject({ id, type: 'next' });
      expect(await peer.next()).toEqual({ id, type: 'complete' });
    }
    await leave(peer);
  });

  test('complete for ids that nobody knows, or that are over, is ignored', async () => {
    const peer = await acknowledged();
    peer.send({ id: 'never', type: 'complete' });
    peer.send(subscribe('1', '{ me }'));
    await peer.next();
    await peer.next();
    peer.send({ id: '1', type: 'complete' });
    peer.send({ type: 'ping' });
    expect((await peer.next()).type).toBe('pong');
    await leave(peer);
  });
});

describe('subscriptions', () => {
  test('each event is a next; after the client’s complete none comes, and its id is free', async () => {
    const peer = await acknowledged();
    await standing(() => peer.send(subscribe('s', CHANGED)));
    await change('event_a');
    expect(await peer.next()).toMatchObject({ id: 's', type: 'next', payload: { data: { bookChanged: { id: '1' } } } });
    peer.send({ id: 's', type: 'complete' });
    await standing(() => peer.send(subscribe('s', 'subscription { bookChanged(id: 1) { again: id } }')), 0);
    await wait(200);
    await change('event_b');
    expect(await peer.next()).toMatchObject({
      id: 's',
      type: 'next',
      payload: { data: { bookChanged: { again: '1' } } },
    });
    await wait(100);
    expect(peer.received).toHaveLength(3);
    await leave(peer);
  });

  test('several on one socket each get the event under their own id', async () => {
    const peer = await acknowledged();
    await standing(() => ['a', 'b', 'c'].forEach((id) => peer.send(subscribe(id, CHANGED))), 3);
    await change('event_c');
    const ids = [(await peer.next()).id, (await peer.next()).id, (await peer.next()).id];
    expect(ids.sort()).toEqual(['a', 'b', 'c']);
    await leave(peer);
    await wait(100);
    expect(await gauge('gateway_subscriptions')).toBe(0);
  });
});

describe('what is no message of the protocol closes with 4400 and a reason', () => {
  test.each<[string, unknown]>([
    ['no JSON', '{'],
    ['nothing', ''],
    ['a list', '[]'],
    ['null', 'null'],
    ['a text', '"ping"'],
    ['no type', {}],
    ['a type that is no text', { type: 1 }],
    ['a type in capitals', { type: 'PING' }],
    ['a type of the old protocol', { type: 'start', id: '1', payload: { query: '{ me }' } }],
    ['a type named like a property of objects', { type: '__proto__' }],
    ['a type that only servers send: connection_ack', { type: 'connection_ack' }],
    ['a type that only servers send: next', { type: 'next', id: '1', payload: { data: null } }],
    ['a type that only servers send: error', { type: 'error', id: '1', payload: [{ message: 'no' }] }],
    ['a payload of a ping that is no object', { type: 'ping', payload: 'text' }],
    ['a payload of a pong that is a list', { type: 'pong', payload: [] }],
    ['subscribe without id', { type: 'subscribe', payload: { query: '{ me }' } }],
    ['subscribe with an empty id', { type: 'subscribe', id: '', payload: { query: '{ me }' } }],
    ['subscribe with a number for an id', { type: 'subscribe', id: 1, payload: { query: '{ me }' } }],
    ['subscribe without payload', { type: 'subscribe', id: '1' }],
    ['subscribe without query', { type: 'subscribe', id: '1', payload: {} }],
    ['a query that is no text', { type: 'subscribe', id: '1', payload: { query: {} } }],
    ['variables that are a list', { type: 'subscribe', id: '1', payload: { query: '{ me }', variables: [] } }],
    [
      'an operationName that is no text',
      { type: 'subscribe', id: '1', payload: { query: '{ me }', operationName: 1 } },
    ],
    ['extensions that are text', { type: 'subscribe', id: '1', payload: { query: '{ me }', extensions: 'a' } }],
    ['complete without id', { type: 'complete' }],
    ['a type of ten thousand letters', { type: 'x'.repeat(10_000) }],
  ])('%s', async (_name, message) => {
    const peer = await acknowledged();
    peer.send(message);
    const [code, reason] = await peer.closed;
    expect([code, reason]).toEqual([4400, expect.stringMatching(/./)]);
    expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(123);
    expect(peer.received).toHaveLength(1);
  });

  test('a connection_init with a payload that is no object', async () => {
    const peer = await open();
    peer.send({ type: 'connection_init', payload: 'Bearer user_1' });
    expect((await peer.closed)[0]).toBe(4400);
  });

  test('a binary message: messages are text', async () => {
    const peer = await acknowledged();
    peer.socket.send(Buffer.from(JSON.stringify({ type: 'ping' })));
    expect(await Promise.race([peer.closed, peer.next()])).toEqual([4400, 'Messages are text']);
  });

  test('nothing that comes after it is done', async () => {
    const query = 'mutation ($title: String!) { renameBook(id: 1, title: $title) { id } }';
    // Planned already, it would be done at once.
    await gateway.query(query, { variables: { title: 'Emma' } });
    const peer = await acknowledged();
    peer.send('nonsense');
    peer.send(subscribe('1', query, { variables: { title: 'Too late' } }));
    peer.send({ type: 'ping' });
    expect((await peer.closed)[0]).toBe(4400);
    await wait(100);
    expect(peer.received).toHaveLength(1);
    expect((await gateway.query('{ book(id: 1) { title } }')).data).toEqual({ book: { title: 'Emma' } });
  });
});

describe('frames', () => {
  const LIMIT = 64 * 1024;
  const ping = (bytes: number): string => {
    const empty = JSON.stringify({ type: 'ping', payload: { a: '' } });
    return JSON.stringify({ type: 'ping', payload: { a: 'x'.repeat(bytes - empty.length) } });
  };

  test('a message of 64 kB is taken, one byte more closes with 1009', async () => {
    const peer = await acknowledged();
    peer.send(ping(LIMIT));
    expect((await peer.next()).type).toBe('pong');
    peer.send(ping(LIMIT + 1));
    expect((await peer.closed)[0]).toBe(1009);
  });

  test('a message may come in parts, others’ control frames between them; together they have the same limit', async () => {
    const peer = await acknowledged();
    const text = JSON.stringify({ type: 'ping', payload: { a: 'naïve' } });
    for (let at = 0; at < text.length; at += 5) {
      peer.socket.send(text.slice(at, at + 5), { fin: at + 5 >= text.length });
      peer.socket.ping();
    }
    expect(await peer.next()).toEqual({ type: 'pong', payload: { a: 'naïve' } });
    const large = ping(LIMIT + 1);
    peer.socket.send(large.slice(0, LIMIT / 2), { fin: false });
    peer.socket.send(large.slice(LIMIT / 2), { fin: true });
    expect((await peer.closed)[0]).toBe(1009);
  });

  test('text that is no UTF-8 closes with 1007, an unmasked frame with 1002', async () => {
    const [broken, unmasked] = await Promise.all([acknowledged(), acknowledged()]);
    broken.socket.send(Buffer.from([0x22, 0xff, 0x22]), { binary: false });
    expect((await broken.closed)[0]).toBe(1007);
    unmasked.socket.send('{"type":"ping"}', { mask: false });
    expect((await unmasked.closed)[0]).toBe(1002);
  });

  test('a WebSocket’s own ping is answered', async () => {
    const peer = await open();
    const pong = once(peer.socket, 'pong');
    peer.socket.ping('hello');
    expect(String((await pong)[0])).toBe('hello');
    await leave(peer);
  });

  test('a client that closes normally, or goes away, leaves nothing behind', async () => {
    const before = await gauge('gateway_sockets');
    const peer = await acknowledged();
    await standing(() => peer.send(subscribe('1', CHANGED)));
    await leave(peer, 1000);
    const gone = await acknowledged();
    await standing(() => gone.send(subscribe('1', CHANGED)));
    gone.socket.terminate();
    await wait(200);
    expect([await gauge('gateway_subscriptions'), await gauge('gateway_sockets')]).toEqual([0, before]);
  });
});
