import { until } from 'kit/testing/until';
import type { TestGateway } from '../testing/gateway.ts';
import { gauge, standing, wait } from '../testing/subscriber.ts';
import { acknowledged, CHANGED, leave, startLiveGateway, subscribe } from './testing/peer.ts';

// PROTOCOL.md of graphql-ws, sentence by sentence: operations.

let live: Awaited<ReturnType<typeof startLiveGateway>>;
let gateway: TestGateway;
beforeAll(async () => {
  live = await startLiveGateway();
  ({ gateway } = live);
});
afterAll(() => live.stop());

describe('operations', () => {
  test('a query is one next and complete, a mutation too', async () => {
    const peer = await acknowledged(gateway);
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
    const peer = await acknowledged(gateway);
    peer.send(subscribe('1', '{ me }', { variables: null, operationName: null, extensions: null }));
    expect(await peer.next()).toEqual({ id: '1', type: 'next', payload: { data: { me: 'anonymous' } } });
    await leave(peer);
  });

  test('errors of the execution come with the data, in next', async () => {
    const peer = await acknowledged(gateway);
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
      const peer = await acknowledged(gateway);
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
    const peer = await acknowledged(gateway);
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
    const peer = await acknowledged(gateway);
    await standing(() => peer.send(subscribe('twice', CHANGED)));
    peer.send(subscribe('twice', '{ me }'));
    expect(await peer.closed).toEqual([4409, 'Subscriber for twice already exists']);
    const long = await acknowledged(gateway);
    const id = 'ü'.repeat(100);
    await standing(() => long.send(subscribe(id, CHANGED)));
    long.send(subscribe(id, CHANGED));
    expect(await long.closed).toEqual([4409, 'Subscriber already exists']);
  });

  test('ids are only names: of objects’ own properties, of one letter, of a thousand', async () => {
    const peer = await acknowledged(gateway);
    for (const id of ['__proto__', 'constructor', '"quoted"\n', ' ', '0', 'x'.repeat(1000)]) {
      peer.send(subscribe(id, '{ me }'));
      expect(await peer.next()).toMatchObject({ id, type: 'next' });
      expect(await peer.next()).toEqual({ id, type: 'complete' });
    }
    await leave(peer);
  });

  test('complete for ids that nobody knows, or that are over, is ignored', async () => {
    const peer = await acknowledged(gateway);
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
    const peer = await acknowledged(gateway);
    await standing(() => peer.send(subscribe('s', CHANGED)));
    await live.change('event_a');
    expect(await peer.next()).toMatchObject({ id: 's', type: 'next', payload: { data: { bookChanged: { id: '1' } } } });
    peer.send({ id: 's', type: 'complete' });
    await standing(() => peer.send(subscribe('s', 'subscription { bookChanged(id: 1) { again: id } }')));
    await live.change('event_b');
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
    const peer = await acknowledged(gateway);
    await standing(() => ['a', 'b', 'c'].forEach((id) => peer.send(subscribe(id, CHANGED))), 3);
    await live.change('event_c');
    const ids = [(await peer.next()).id, (await peer.next()).id, (await peer.next()).id];
    expect(ids.sort()).toEqual(['a', 'b', 'c']);
    await leave(peer);
    await until('all have left', async () => (await gauge('gateway_subscriptions')) === 0);
  });
});
