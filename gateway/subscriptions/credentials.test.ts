import { once } from 'node:events';
import { Redis } from 'ioredis';
import { publishLive } from 'kit/live';
import { startSecond } from 'kit/testing/second';
import { startTestRedis, type TestRedis } from 'kit/live.testing';
import { until } from 'kit/testing/until';
import { CodedError } from 'kit/errors';
import { userViewer } from 'kit/viewer';
import { WebSocket } from 'ws';
import type { GatewayHooks } from '../hooks.ts';
import { startTestGateway, type TestGateway } from '../testing/gateway.ts';
import { speak, type Speaker } from '../testing/speaker.ts';
import { connect, gauge, standing, wait } from '../testing/subscriber.ts';

/** `Bearer <user> <number>`: a token of a user, until it has ended. */
const ended = new Set<string>();
const checks: (readonly string[])[] = [];
let isAway = false;
const unauthenticated = () => new CodedError('UNAUTHENTICATED', 'These credentials do not hold.');
const authenticate: GatewayHooks['authenticate'] = ({ authorization }) => {
  const [, user = '', number] = authorization?.split(' ') ?? [];
  if (isAway) return Promise.reject(new CodedError('RETRY_LATER', 'Away.'));
  if (!number || ended.has(authorization ?? '')) return Promise.reject(unauthenticated());
  return Promise.resolve(userViewer(user, 'user', `session_of_${user}`));
};
const inBulk: GatewayHooks = {
  authenticate,
  ended: (authorizations) => {
    checks.push(authorizations);
    return Promise.resolve(authorizations.filter((each) => ended.has(each)));
  },
};

let redisServer: TestRedis;
let redis: Redis;
beforeAll(async () => {
  redisServer = await startTestRedis();
  redis = new Redis(redisServer.url);
});
afterAll(async () => {
  redis.disconnect();
  await redisServer.stop();
});

const QUERY = 'subscription { bookChanged(id: 1) { id writer { readBy } } }';
const publish = (id: string) => publishLive(redis, 'book:1', { id, payload: { id: '1' } });

describe.each([
  ['one by one', { authenticate }],
  ['in bulk', inBulk],
])('credentials that are looked at again %s', (_name, hooks) => {
  const gateways: TestGateway[] = [];
  beforeAll(async () => {
    for (let number = 0; number < 2; number++) {
      gateways.push(await startTestGateway({ overrides: { redisUrl: redisServer.url, hooks } }));
    }
  });
  beforeEach(() => {
    ended.clear();
    isAway = false;
  });
  afterAll(async () => {
    for (const gateway of gateways.splice(0)) await gateway.stop();
  });
  const speakTo = (authorization: string, of = 0): Promise<Speaker> =>
    speak(gateways[of] ?? { url: '' }, authorization);
  const subscribe = ({ send }: Speaker) =>
    standing(() => send({ id: '1', type: 'subscribe', payload: { query: QUERY } }));

  test('a session that ends closes its idle sockets on every gateway within a second, with 4403', async () => {
    const [one, two, other] = [
      await speakTo('Bearer a 1'),
      await speakTo('Bearer a 1', 1),
      await speakTo('Bearer b 1'),
    ];
    ended.add('Bearer a 1');
    const [startedAt, second] = [performance.now(), startSecond()];
    const codes = (await Promise.all([one.closed, two.closed])).map(([code]) => code);
    const took = performance.now() - startedAt;
    // A delay is known once it is over.
    await wait(20);
    expect(codes).toEqual([4403, 4403]);
    expect(took).toBeLessThan(second());
    expect(other.socket.readyState).toBe(WebSocket.OPEN);
    other.socket.close();
  });

  test('a ping with new credentials refreshes the socket: it outlives the old ones, and its events are seen with the new', async () => {
    const spoken = await speakTo('Bearer a 1');
    await subscribe(spoken);
    await spoken.refresh('Bearer a 2');
    expect(spoken.messages.at(-1)).toEqual({ type: 'pong', payload: { refreshed: true } });
    ended.add('Bearer a 1');
    await wait(1200);
    await publish('refreshed');
    await once(spoken.socket, 'message');
    expect(spoken.messages.at(-1)).toMatchObject({ type: 'next', payload: { data: { bookChanged: { id: '1' } } } });
    spoken.socket.close();
  });

  test.each([
    ['of another viewer', 'Bearer b 1'],
    ['that are wrong', 'Bearer nobody'],
  ])('a ping with credentials %s closes with 4403', async (_which, authorization) => {
    const spoken = await speakTo('Bearer a 1');
    spoken.send({ type: 'ping', payload: { authorization } });
    expect((await spoken.closed)[0]).toBe(4403);
  });

  test('sockets stay while it cannot be found out whether their credentials hold', async () => {
    const spoken = await speakTo('Bearer a 1');
    isAway = true;
    await wait(1000);
    expect(spoken.socket.readyState).toBe(WebSocket.OPEN);
    spoken.socket.close();
  });
});

test('a viewer’s sockets and subscriptions are limited over all sockets, another viewer’s are not', async () => {
  isAway = false;
  const environment = { MAX_CONNECTIONS_PER_VIEWER: '2', MAX_SUBSCRIPTIONS_PER_VIEWER: '3' };
  const gateway = await startTestGateway({
    environment,
    overrides: { redisUrl: redisServer.url, hooks: { authenticate } },
  });
  const clients = ['a 1', 'a 2', 'a 3', 'b 1'].map((token) => connect(gateway, token));
  const [one, two, three, other] = clients;
  await standing(() => [one?.subscribe(QUERY), one?.subscribe(QUERY), two?.subscribe(QUERY)], 3);
  expect(await two?.subscribe(QUERY).refused).toMatchObject([{ extensions: { code: 'SUBSCRIPTION_LIMIT_EXCEEDED' } }]);
  void three?.subscribe(QUERY);
  expect(await three?.closed).toMatchObject({ code: 4429, reason: 'Too many connections of one viewer' });
  await standing(() => other?.subscribe(QUERY));
  one?.dispose();
  await until('there is room again', async () => (await gauge('gateway_subscriptions')) === 2);
  await standing(() => two?.subscribe(QUERY));
  for (const client of clients) client.dispose();
  await gateway.stop();
});

test('many sockets of one session are one question', async () => {
  isAway = false;
  const gateway = await startTestGateway({ overrides: { redisUrl: redisServer.url, hooks: inBulk } });
  const sockets = Array.from(
    { length: 30 },
    () => new WebSocket(gateway.url.replace('http', 'ws'), 'graphql-transport-ws'),
  );
  for (const socket of sockets) {
    socket.once('open', () => socket.send('{"type":"connection_init","payload":{"authorization":"Bearer a 9"}}'));
  }
  await Promise.all(sockets.map((socket) => once(socket, 'message')));
  checks.length = 0;
  await until('they are looked at again', () => checks.length);
  for (const check of checks) expect(check).toEqual(['Bearer a 9']);
  await gateway.stop();
});

test('of two refreshes the later one holds, whichever is checked first', async () => {
  const slow: GatewayHooks['authenticate'] = async (credentials) => {
    if (credentials.authorization === 'Bearer user_r 2') await wait(200);
    return authenticate(credentials);
  };
  const gateway = await startTestGateway({ overrides: { hooks: { authenticate: slow }, redisUrl: redisServer.url } });
  const socket = new WebSocket(gateway.url.replace('http', 'ws'), 'graphql-transport-ws');
  let answers = 0;
  let isClosed = false;
  socket.on('message', () => answers++);
  socket.on('close', () => (isClosed = true));
  await once(socket, 'open');
  const send = (type: string, number: number): void =>
    socket.send(JSON.stringify({ type, payload: { authorization: `Bearer user_r ${number}` } }));
  send('connection_init', 1);
  await until('it is let in', () => answers === 1);
  send('ping', 2);
  send('ping', 3);
  await until('both are answered', () => answers === 3);
  ended.add('Bearer user_r 1').add('Bearer user_r 2');
  await wait(1500);
  expect(isClosed).toBe(false);
  socket.terminate();
  await gateway.stop();
});

test('a refreshed socket has nothing to do with one of the same viewer that was not', async () => {
  // The check of open connections comes later than the event.
  const hooks: GatewayHooks = { authenticate, ended: () => Promise.resolve([]) };
  const gateway = await startTestGateway({ overrides: { hooks, redisUrl: redisServer.url } });
  const open = async () => {
    const speaker = await speak(gateway, 'Bearer user_g 1');
    await standing(() => speaker.send({ id: '1', type: 'subscribe', payload: { query: QUERY } }));
    return { ...speaker, said: () => speaker.messages.slice(1).map(({ type }) => type) };
  };
  const [first, renewed, last] = [await open(), await open(), await open()];
  await renewed.refresh('Bearer user_g 2');
  ended.add('Bearer user_g 1');
  await publish('event_regrouped');
  await until('all are told', () => renewed.said().at(-1) === 'next');
  // What is said to the old ones is that their operation has ended for lack of credentials.
  expect([(await first.closed)[0], (await last.closed)[0]]).toEqual([4403, 4403]);
  expect([first.said().includes('next'), last.said().includes('next')]).toEqual([false, false]);
  renewed.socket.terminate();
  await gateway.stop();
});

test('credentials that end while an event waits for their check end nothing, where they were refreshed meanwhile', async () => {
  const held = Promise.withResolvers<void>();
  let isHeld = false;
  const slow: GatewayHooks['authenticate'] = async (credentials) => {
    if (isHeld && credentials.authorization === 'Bearer user_s 1') await held.promise;
    return authenticate(credentials);
  };
  const hooks: GatewayHooks = { authenticate: slow, ended: () => Promise.resolve([]) };
  const gateway = await startTestGateway({ overrides: { hooks, redisUrl: redisServer.url } });
  const speakers = [await speak(gateway, 'Bearer user_s 1'), await speak(gateway, 'Bearer user_s 1')] as const;
  await standing(() => speakers.map(({ send }) => send({ id: '1', type: 'subscribe', payload: { query: QUERY } })), 2);
  const [refreshed, other] = speakers;
  isHeld = true;
  await publish('event_held');
  await wait(100);
  refreshed.send({ id: '2', type: 'subscribe', payload: { query: '{ me }' } });
  await wait(50);
  await refreshed.refresh('Bearer user_s 2');
  ended.add('Bearer user_s 1');
  held.resolve();
  expect((await other.closed)[0]).toBe(4403);
  const said = (id: string) => refreshed.messages.filter((one) => one['id'] === id).map(({ type }) => type);
  await until('it is told', () => said('1').includes('next') && said('2').includes('next'));
  expect(refreshed.socket.readyState).toBe(WebSocket.OPEN);
  expect(other.messages.map(({ type }) => type)).not.toContain('next');
  refreshed.socket.terminate();
  await gateway.stop();
});
