import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { jest } from '@jest/globals';
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT, type CryptoKey, type JWK } from 'jose';
import { ConfigError } from 'kit/config';
import type { Logger } from 'kit/logger';
import { gatewaySettings } from './config.ts';
import type { GatewayHooks } from './hooks.ts';
import { jwtAuthentication } from './jwt.ts';
import { startTestGateway } from './testing/gateway.ts';
import { speak } from './testing/speaker.ts';

const ISSUER = 'https://issuer.example/';
const AUDIENCE = 'graph';
let server: Server;
const published: JWK[] = [];
let isAway = false;
let asked = 0;
const keys: Record<string, CryptoKey> = {};
const url = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`;

beforeAll(async () => {
  for (const [kid, algorithm] of [
    ['one', 'ES256'],
    ['two', 'RS256'],
    ['foreign', 'ES256'],
  ] as const) {
    const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true });
    keys[kid] = privateKey;
    if (kid !== 'foreign') published.push({ ...(await exportJWK(publicKey)), kid, alg: algorithm });
  }
  server = createServer((_request, response) => {
    asked++;
    response.writeHead(isAway ? 503 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ keys: published }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
beforeEach(() => {
  isAway = false;
  asked = 0;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

interface Made {
  readonly kid?: string;
  readonly alg?: string;
  readonly key?: CryptoKey | Uint8Array;
  readonly expires?: string | null;
  readonly [claim: string]: unknown;
}
async function tokenOf({ kid = 'one', alg = 'ES256', key, expires = '5m', ...claims }: Made = {}): Promise<string> {
  const payload = { sub: 'user_a', iss: ISSUER, aud: AUDIENCE, ...claims };
  const token = new SignJWT(payload).setProtectedHeader({ alg, kid });
  if (expires !== null) token.setExpirationTime(expires);
  return token.sign(key ?? (keys[kid] as CryptoKey));
}
const authenticating = (
  more: { issuer?: string | null; audience?: string | null } = {},
  warn: Logger['warn'] = () => undefined,
) => {
  const options = { jwksUrl: url(), issuer: ISSUER, audience: AUDIENCE, ...more };
  const authenticate = jwtAuthentication(options, { warn });
  return (authorization: string | null) =>
    authenticate({ authorization, requestId: 'request-0001', client: { address: '', userAgent: '' } });
};
const bearer = async (made?: Made): Promise<string> => `Bearer ${await tokenOf(made)}`;

test('a token says who asks, and with which scopes', async () => {
  const authenticate = authenticating();
  expect(await authenticate(null)).toMatchObject({ kind: 'anonymous', userId: null });
  expect(await authenticate(await bearer())).toMatchObject({ kind: 'user', userId: 'user_a', scopes: [] });
  const scopesOf = async (claims: Made) => (await authenticate(await bearer(claims))).scopes;
  expect(await scopesOf({ scope: 'a b  c', kid: 'two', alg: 'RS256' })).toEqual(['a', 'b', 'c']);
  expect(await scopesOf({ scp: ['d', 1, 'e'] })).toEqual(['d', 'e']);
  expect(await scopesOf({ aud: ['other', AUDIENCE] })).toEqual([]);
  // The keys are had once.
  expect(asked).toBe(1);
});

test.each<[string, () => Promise<string>]>([
  ['another scheme', () => Promise.resolve('Basic dXNlcjpwYXNz')],
  ['no token', () => Promise.resolve('Bearer')],
  ['what is no token', () => Promise.resolve('Bearer a.b.c')],
  ['one that has ended', () => bearer({ expires: '-1m' })],
  ['one that never ends', () => bearer({ expires: null })],
  ['one that does not hold yet', () => bearer({ nbf: Math.floor(Date.now() / 1000) + 60 })],
  ['one of nobody', () => bearer({ sub: '' })],
  ['one whose user is no text', () => bearer({ sub: 42 })],
  ['one of another issuer', () => bearer({ iss: 'https://other.example/' })],
  ['one for another audience', () => bearer({ aud: 'other' })],
  ['one signed by a key of nobody', () => bearer({ kid: 'foreign' })],
  ['one signed by another key than it says', () => bearer({ kid: 'one', key: keys['foreign'] as CryptoKey })],
  ['one without a signature', () => Promise.resolve(`Bearer ${unsigned()}`)],
  [
    'one signed with what is published',
    () => bearer({ alg: 'HS256', key: new TextEncoder().encode(JSON.stringify(published[0])) }),
  ],
])('%s is refused', async (_name, made) => {
  await expect(authenticating()(await made())).rejects.toMatchObject({ extensions: { code: 'UNAUTHENTICATED' } });
});
const unsigned = (): string =>
  new UnsecuredJWT({ sub: 'user_a' }).setIssuer(ISSUER).setAudience(AUDIENCE).setExpirationTime('5m').encode();

test('"any" issuer and audience are whatever these keys have signed', async () => {
  const authenticate = authenticating({ issuer: null, audience: null });
  expect(await authenticate(await bearer({ iss: 'https://other.example/', aud: 'other' }))).toMatchObject({
    userId: 'user_a',
  });
});

test('while the keys cannot be had nobody is refused for good', async () => {
  isAway = true;
  const authenticate = authenticating();
  await expect(authenticate(await bearer())).rejects.toMatchObject({ extensions: { code: 'RETRY_LATER' } });
  isAway = false;
  expect(await authenticate(await bearer())).toMatchObject({ userId: 'user_a' });
});

test('that the keys cannot be had is logged once, however many ask', async () => {
  isAway = true;
  let told = 0;
  const authenticate = authenticating({}, () => void told++);
  const ask = async (): Promise<unknown> =>
    Promise.allSettled([authenticate(await bearer()), authenticate(await bearer({ scope: 'a' }))]);
  await ask();
  await ask();
  expect(told).toBe(1);
});

/** A token that names no key. */
const nameless = async (key: CryptoKey): Promise<string> => {
  const token = new SignJWT({ sub: 'user_a', iss: ISSUER, aud: AUDIENCE }).setProtectedHeader({ alg: 'ES256' });
  return `Bearer ${await token.setExpirationTime('5m').sign(key)}`;
};

test('a token that names no key holds as soon as the key that signed it is published, and forged ones do not fetch all the time', async () => {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const authenticate = authenticating();
  expect(await authenticate(await nameless(keys['one'] as CryptoKey))).toMatchObject({ userId: 'user_a' });
  published.push({ ...(await exportJWK(publicKey)), kid: 'four', alg: 'ES256' });
  // The keys are not fetched more than once in thirty seconds.
  const later = Date.now() + 31_000;
  const clock = jest.spyOn(Date, 'now').mockImplementation(() => later);
  expect(await authenticate(await nameless(privateKey))).toMatchObject({ userId: 'user_a' });
  for (let number = 0; number < 3; number++) {
    const forged = authenticate(await nameless(keys['foreign'] as CryptoKey));
    await expect(forged).rejects.toMatchObject({ extensions: { code: 'UNAUTHENTICATED' } });
  }
  clock.mockRestore();
  expect(asked).toBe(2);
  published.pop();
});

test('a token that does not say which of several keys has signed it holds if one of them has', async () => {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  published.push({ ...(await exportJWK(publicKey)), kid: 'three', alg: 'ES256' });
  const authenticate = authenticating();
  for (const key of [keys['one'] as CryptoKey, privateKey]) {
    expect(await authenticate(await nameless(key))).toMatchObject({ userId: 'user_a' });
  }
  await expect(authenticate(await nameless(keys['foreign'] as CryptoKey))).rejects.toMatchObject({
    extensions: { code: 'UNAUTHENTICATED' },
  });
  published.pop();
});

test('a gateway without a configuration knows its viewers by it, and closes their sockets when they end', async () => {
  const environment = { JWKS_URL: url(), JWT_ISSUER: ISSUER, JWT_AUDIENCE: AUDIENCE };
  const gateway = await startTestGateway({ environment, overrides: { hooks: undefined } });
  const ask = (authorization?: string) =>
    gateway.query('{ me }', authorization === undefined ? {} : { headers: { authorization } });
  expect((await ask(await bearer())).data).toEqual({ me: 'user_a' });
  expect((await ask()).data).toEqual({ me: 'anonymous' });
  expect((await ask(await bearer({ aud: 'other' }))).status).toBe(401);
  isAway = true;
  const speaker = await speak(gateway, await bearer({ expires: '-2s' }));
  expect((await speaker.closed)[0]).toBe(4403);
  await gateway.stop();
});

test.each([
  [{ JWKS_URL: 'https://issuer.example/jwks' }, 'JWT_ISSUER: must be set beside JWKS_URL'],
  [{ JWKS_URL: 'https://issuer.example/jwks', JWT_ISSUER: 'any' }, 'JWT_AUDIENCE: must be set beside JWKS_URL'],
  [{ JWT_AUDIENCE: 'graph' }, 'JWKS_URL: must be set beside'],
  [{ JWKS_URL: 'file:///etc/passwd', JWT_ISSUER: 'any', JWT_AUDIENCE: 'any' }, 'JWKS_URL: must be a URL'],
])('%j is refused at the start', (environment, message) => {
  expect(() => gatewaySettings(environment)).toThrow(ConfigError);
  expect(() => gatewaySettings(environment)).toThrow(message);
});

test('beside a configuration, which says itself who asks, it is refused', async () => {
  const environment = { JWKS_URL: url(), JWT_ISSUER: 'any', JWT_AUDIENCE: 'any' };
  const hooks: GatewayHooks = { authenticate: () => Promise.reject(new Error('never')) };
  await expect(startTestGateway({ environment, overrides: { hooks } })).rejects.toThrow(ConfigError);
});
