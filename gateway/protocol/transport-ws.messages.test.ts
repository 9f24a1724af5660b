import { once } from 'node:events';
import { until } from 'kit/testing/until';
import type { TestGateway } from '../testing/gateway.ts';
import { gauge, standing, wait } from '../testing/subscriber.ts';
import { acknowledged, CHANGED, leave, open, startLiveGateway, subscribe } from './testing/peer.ts';

// PROTOCOL.md of graphql-ws and RFC 6455: what is no message, and how messages may come.

let live: Awaited<ReturnType<typeof startLiveGateway>>;
let gateway: TestGateway;
beforeAll(async () => {
  live = await startLiveGateway();
  ({ gateway } = live);
});
afterAll(() => live.stop());

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
    const peer = await acknowledged(gateway);
    peer.send(message);
    const [code, reason] = await peer.closed;
    expect([code, reason]).toEqual([4400, expect.stringMatching(/./)]);
    expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(123);
    expect(peer.received).toHaveLength(1);
  });

  test('a connection_init with a payload that is no object', async () => {
    const peer = await open(gateway);
    peer.send({ type: 'connection_init', payload: 'Bearer user_1' });
    expect((await peer.closed)[0]).toBe(4400);
  });

  test('a binary message: messages are text', async () => {
    const peer = await acknowledged(gateway);
    peer.socket.send(Buffer.from(JSON.stringify({ type: 'ping' })));
    expect(await Promise.race([peer.closed, peer.next()])).toEqual([4400, 'Messages are text']);
  });

  test('nothing that comes after it is done', async () => {
    const query = 'mutation ($title: String!) { renameBook(id: 1, title: $title) { id } }';
    // Planned already, it would be done at once.
    await gateway.query(query, { variables: { title: 'Emma' } });
    const peer = await acknowledged(gateway);
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
    const peer = await acknowledged(gateway);
    peer.send(ping(LIMIT));
    expect((await peer.next()).type).toBe('pong');
    peer.send(ping(LIMIT + 1));
    expect((await peer.closed)[0]).toBe(1009);
  });

  test('a message may come in parts, others’ control frames between them; together they have the same limit', async () => {
    const peer = await acknowledged(gateway);
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
    const [broken, unmasked] = await Promise.all([acknowledged(gateway), acknowledged(gateway)]);
    broken.socket.send(Buffer.from([0x22, 0xff, 0x22]), { binary: false });
    expect((await broken.closed)[0]).toBe(1007);
    unmasked.socket.send('{"type":"ping"}', { mask: false });
    expect((await unmasked.closed)[0]).toBe(1002);
  });

  test('a WebSocket’s own ping is answered', async () => {
    const peer = await open(gateway);
    const pong = once(peer.socket, 'pong');
    peer.socket.ping('hello');
    expect(String((await pong)[0])).toBe('hello');
    await leave(peer);
  });

  test('a client that closes normally, or goes away, leaves nothing behind', async () => {
    const before = await gauge('gateway_sockets');
    const peer = await acknowledged(gateway);
    await standing(() => peer.send(subscribe('1', CHANGED)));
    await leave(peer, 1000);
    const gone = await acknowledged(gateway);
    await standing(() => gone.send(subscribe('1', CHANGED)));
    gone.socket.terminate();
    await until('it has left', async () => (await gauge('gateway_sockets')) === before);
    expect(await gauge('gateway_subscriptions')).toBe(0);
  });
});
