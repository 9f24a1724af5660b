import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { TestGateway } from '../testing/gateway.ts';
import { acknowledged, addressOf, leave, open, peerOf, PROTOCOL, startLiveGateway, subscribe } from './testing/peer.ts';

// PROTOCOL.md of graphql-ws, sentence by sentence: how a connection begins.

let live: Awaited<ReturnType<typeof startLiveGateway>>;
let gateway: TestGateway;
beforeAll(async () => {
  live = await startLiveGateway();
  ({ gateway } = live);
});
afterAll(() => live.stop());

describe('the handshake', () => {
  test('speaks graphql-transport-ws, also where a client would take others', async () => {
    for (const protocols of [PROTOCOL, [PROTOCOL, 'graphql-ws'], ['graphql-ws', PROTOCOL]]) {
      const peer = await open(gateway, protocols);
      expect(peer.socket.protocol).toBe(PROTOCOL);
      await leave(peer);
    }
  });

  test('a client that asks for no protocol is closed with 4406 and gets nothing', async () => {
    const socket = new WebSocket(addressOf(gateway));
    const peer = peerOf(socket);
    await once(socket, 'open');
    peer.send({ type: 'connection_init' });
    expect(await Promise.race([peer.closed, peer.next()])).toEqual([4406, 'Subprotocol not acceptable']);
  });

  test('a client that asks for another one is given none', async () => {
    const socket = new WebSocket(addressOf(gateway), 'graphql-ws');
    await expect(once(socket, 'open')).rejects.toThrow('no subprotocol');
  });

  test.each([
    ['a page of another site', '/graphql', { origin: 'https://evil.example' }, '403'],
    ['a sandboxed frame', '/graphql', { origin: 'null' }, '403'],
    ['another path', '/', {}, '404'],
    ['a path below', '/graphql/ws', {}, '404'],
  ])('%s is refused', async (_name, path, options, status) => {
    const [error] = (await once(new WebSocket(addressOf(gateway, path), PROTOCOL, options), 'error')) as [Error];
    expect(error.message).toContain(status);
  });

  test('an allowed page, one of ours and a program are let in', async () => {
    for (const options of [{ origin: 'https://app.example' }, { origin: gateway.origin }, {}]) {
      await leave(await open(gateway, PROTOCOL, options));
    }
    const withSearch = new WebSocket(addressOf(gateway, '/graphql?session=1'), PROTOCOL);
    await once(withSearch, 'open');
    withSearch.close();
    await once(withSearch, 'close');
  });
});

describe('connection_init', () => {
  test('is acknowledged, with a payload, null or none', async () => {
    for (const payload of [{}, { payload: null }, { payload: { authorization: 'Bearer user_1', other: [1] } }]) {
      const peer = await open(gateway);
      peer.send({ type: 'connection_init', ...payload });
      expect((await peer.next()).type).toBe('connection_ack');
      await leave(peer);
    }
  });

  test('that does not come in time closes with 4408, pings or not', async () => {
    const [silent, pinging] = await Promise.all([open(gateway), open(gateway)]);
    const timer = setInterval(() => pinging.send({ type: 'ping' }), 500);
    const expected = [4408, 'Connection initialisation timeout'];
    expect(await Promise.all([silent.closed, pinging.closed])).toEqual([expected, expected]);
    clearInterval(timer);
  });

  test('that comes twice closes with 4429, also before the acknowledgement', async () => {
    const expected = [4429, 'Too many initialisation requests'];
    const after = await acknowledged(gateway);
    after.send({ type: 'connection_init' });
    expect(await after.closed).toEqual(expected);
    const before = await open(gateway);
    before.send({ type: 'connection_init' });
    before.send({ type: 'connection_init' });
    expect(await before.closed).toEqual(expected);
  });

  test('with wrong credentials closes with 4403', async () => {
    const peer = await open(gateway);
    peer.send({ type: 'connection_init', payload: { authorization: 'Bearer nobody' } });
    const [code, reason] = await peer.closed;
    expect([code, reason]).toEqual([4403, expect.stringContaining('Forbidden')]);
    expect(peer.received).toEqual([]);
  });

  test('subscribe before the acknowledgement closes with 4401, and runs nothing', async () => {
    const mutation = subscribe('1', 'mutation { renameBook(id: 1, title: "Too early") { id } }');
    const early = await open(gateway);
    early.send(mutation);
    expect(await early.closed).toEqual([4401, 'Unauthorized']);
    const hasty = await open(gateway);
    hasty.send({ type: 'connection_init' });
    hasty.send(mutation);
    expect((await hasty.closed)[0]).toBe(4401);
    expect((await gateway.query('{ book(id: 1) { title } }')).data).toEqual({ book: { title: 'Emma' } });
  });
});

describe('ping and pong', () => {
  test('a ping is answered at any time, with the payload it had', async () => {
    const peer = await open(gateway);
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
    const peer = await acknowledged(gateway);
    peer.send({ type: 'pong' });
    peer.send({ type: 'pong', payload: { a: 1 } });
    peer.send({ type: 'ping' });
    expect(await peer.next()).toEqual({ type: 'pong' });
    expect(peer.received).toHaveLength(2);
    await leave(peer);
  });
});
