import { createHmac, createPublicKey, type JsonWebKey } from 'node:crypto';
import { once } from 'node:events';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { testSubgraph } from 'kit/testing/subgraph';
import { users } from 'subgraphs/users/subgraph';
import { aPerson, PASSWORD } from 'subgraphs/users/testing';
import { WebSocket } from 'ws';
import { openDoor, type Door } from '../setup/doors.ts';

const encoded = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
const decoded = (token: string, part: number) =>
  JSON.parse(Buffer.from(token.split('.')[part] ?? '', 'base64url').toString()) as Record<string, unknown>;

/** Each door is tried with either sort of key that tokens can be signed by. */
const ALGORITHMS = ['EdDSA', 'RS256'] as const;
describe.each(ALGORITHMS)('tokens signed by %s', (ALGORITHM) => {
  const graph = testSubgraph(users, { ACCESS_TOKEN_ALGORITHM: ALGORITHM });
  let door: Door;
  let userId: string;
  let accessToken: string;
  let refreshToken: string;

  beforeAll(async () => {
    door = await openDoor({ users: graph });
    const person = await aPerson(graph);
    ({ userId } = person);
    const body = { identifier: person.username, password: PASSWORD };
    ({ accessToken, refreshToken } = (await door.ask('POST', '/api/v1/auth/login', { body })).json as {
      accessToken: string;
      refreshToken: string;
    });
  });
  afterAll(() => door.stop());

  /** Opens a socket with a token; resolves with the type of the first message, or the code it is closed with. */
  async function overSocket(token: string): Promise<unknown> {
    const socket = new WebSocket(door.url.replace('http', 'ws'), 'graphql-transport-ws');
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } }));
    const outcome = await Promise.race([
      once(socket, 'message').then(([data]) => (JSON.parse(String(data)) as { type: string }).type),
      once(socket, 'close').then(([code]) => code as number),
    ]);
    socket.close();
    return outcome;
  }

  /** What each door says to a token: its status, or what a socket hears. */
  async function outcomesOf(token: string): Promise<unknown[]> {
    const graphql = await door.graphql('{ viewer { id } }', {}, { token });
    const sse = await door.graphql('{ viewer { id } }', {}, { token, headers: { accept: 'text/event-stream' } });
    const rest = await door.ask('PUT', `/api/v1/users/${userId}`, { body: {}, token });
    return [graphql.status, sse.status, rest.status, await overSocket(token)];
  }

  const LET_IN = [200, 200, 200, 'connection_ack'];
  const REFUSED = [401, 401, 401, 4403];

  test('the twin of all that follow: the token as it was given is good at every door', async () => {
    expect(decoded(accessToken, 0)['alg']).toBe(ALGORITHM);
    expect(await outcomesOf(accessToken)).toEqual(LET_IN);
  });

  test('alg none is refused at every door', async () => {
    const [, payload, signature] = accessToken.split('.');
    const head = encoded({ ...decoded(accessToken, 0), alg: 'none' });
    expect(await outcomesOf(`${head}.${payload}.`)).toEqual(REFUSED);
    expect(await outcomesOf(`${head}.${payload}.${signature}`)).toEqual(REFUSED);
  });

  test('HS256 with the published key is refused at every door', async () => {
    const { keys } = (await door.ask('GET', '/.well-known/jwks.json')).json as { keys: JsonWebKey[] };
    const [jwk] = keys;
    const pem = createPublicKey({ key: jwk ?? {}, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
    const signed = `${encoded({ ...decoded(accessToken, 0), alg: 'HS256' })}.${accessToken.split('.')[1]}`;
    const ofPem = [
      pem,
      String(pem).trim(),
      createPublicKey({ key: jwk ?? {}, format: 'jwk' }).export({ type: 'spki', format: 'der' }),
    ];
    for (const secret of [...ofPem, Buffer.from(String(jwk?.x ?? jwk?.n), 'base64url'), JSON.stringify(jwk)]) {
      const token = `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
      expect(await outcomesOf(token)).toEqual(REFUSED);
    }
  });

  test('a key of somebody else, under our kid or with a key of its own in the header, is refused at every door', async () => {
    const theirs = await generateKeyPair(ALGORITHM, { extractable: true });
    const jwk = await exportJWK(theirs.publicKey);
    for (const more of [{}, { jwk }, { jku: `${door.origin}/.well-known/jwks.json` }, { kid: 'theirs' }]) {
      const token = await new SignJWT(decoded(accessToken, 1))
        .setProtectedHeader({ alg: ALGORITHM, ...decoded(accessToken, 0), ...more })
        .sign(theirs.privateKey);
      expect(await outcomesOf(token)).toEqual(REFUSED);
    }
  });

  test('a token for somebody else’s name is refused at every door', async () => {
    const [head, , signature] = accessToken.split('.');
    const payload = encoded({ ...decoded(accessToken, 1), sub: 'user_01h455vb4pex5vsknk084sn02q' });
    expect(await outcomesOf(`${head}.${payload}.${signature}`)).toEqual(REFUSED);
  });

  test('a refresh token is no access token, and an access token refreshes nothing', async () => {
    expect(await outcomesOf(refreshToken)).toEqual(REFUSED);
    const wrong = await door.ask('POST', '/api/v1/auth/refresh', { body: { refreshToken: accessToken } });
    expect([wrong.status, wrong.json]).toMatchObject([401, { code: 'UNAUTHENTICATED' }]);
    const right = await door.ask('POST', '/api/v1/auth/refresh', { body: { refreshToken } });
    expect(right.status).toBe(200);
  });

  test('a token somewhere else than in its header is nobody’s', async () => {
    const { json } = await door.ask('GET', `/api/v1/users/${userId}?access_token=${accessToken}`);
    expect(json).toMatchObject({ code: 'BAD_REQUEST' });
    const cookie = await door.graphql(
      '{ viewer { id } }',
      {},
      { headers: { cookie: `__Host-refresh=${accessToken}` } },
    );
    expect(cookie.json).toEqual({ data: { viewer: null } });
  });
});
