import { jest } from '@jest/globals';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { createKeyReader } from './keys.ts';
import { createTokenReader } from './tokens.ts';

const START = new Date('2026-03-01T12:00:00Z');

interface TestKey {
  readonly jwk: JWK;
  readonly sign: () => Promise<string>;
}

async function aKey(kid: string, alg: 'EdDSA' | 'RS256' = 'EdDSA'): Promise<TestKey> {
  const { publicKey, privateKey } = await generateKeyPair(alg);
  const sign = () =>
    new SignJWT({ sid: 'session_01h2xcejqtf2nbrexx3vqjhp41' })
      .setProtectedHeader({ alg, kid, typ: 'at+jwt' })
      .setIssuer('broadsheet')
      .setAudience('broadsheet')
      .setSubject('user_01h2xcejqtf2nbrexx3vqjhp41')
      .setIssuedAt()
      .setExpirationTime('15m')
      .sign(privateKey);
  return { jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' }, sign };
}

/** A gateway that reads the keys `published` has at the time. */
function aReader(published: JWK[]) {
  let asked = 0;
  const readKeys = createKeyReader(() => {
    asked++;
    return Promise.resolve({ data: { jsonWebKeySet: JSON.stringify({ keys: published }) } });
  });
  return { read: createTokenReader(readKeys), asked: () => asked };
}

beforeEach(() => void jest.useFakeTimers({ now: START, doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] }));
afterEach(() => void jest.useRealTimers());
const passes = (seconds: number): void => void jest.setSystemTime(Date.now() + seconds * 1000);

test.each(['EdDSA', 'RS256'] as const)('a token that a published key has signed by %s is read', async (alg) => {
  const key = await aKey('one', alg);
  const { read, asked } = aReader([key.jwk]);
  const token = await key.sign();
  expect(await read(token)).toMatchObject({ userId: 'user_01h2xcejqtf2nbrexx3vqjhp41' });
  await read(token);
  expect(asked()).toBe(1);
});

test('a key that came since the last look is asked for, at most every five seconds', async () => {
  const [known, added] = [await aKey('known'), await aKey('added')];
  const published = [known.jwk];
  const { read, asked } = aReader(published);
  await read(await known.sign());
  published.push(added.jwk);
  const token = await added.sign();
  await expect(read(token)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  expect(asked()).toBe(1);
  passes(6);
  expect(await read(token)).toMatchObject({ sessionId: 'session_01h2xcejqtf2nbrexx3vqjhp41' });
});

test('a key that is withdrawn takes its tokens with it within a minute, those that were read before too', async () => {
  const [stays, goes] = [await aKey('stays'), await aKey('goes')];
  const published = [goes.jwk, stays.jwk];
  const { read } = aReader(published);
  const [good, stolen] = [await stays.sign(), await goes.sign()];
  await read(good);
  await read(stolen);
  published.shift();
  passes(61);
  await expect(read(stolen)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  expect(await read(good)).toMatchObject({ userId: 'user_01h2xcejqtf2nbrexx3vqjhp41' });
});

test('where the clock has been set back, keys are read anew and not kept until it has caught up', async () => {
  const [stays, goes] = [await aKey('stays'), await aKey('goes')];
  const published = [goes.jwk, stays.jwk];
  const { read } = aReader(published);
  const stolen = await goes.sign();
  await read(stolen);
  published.shift();
  passes(-3600);
  await expect(read(stolen)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
});

test('an answer that is no key set is a reason to try later, not to let in or shut out', async () => {
  const key = await aKey('one');
  const read = createTokenReader(createKeyReader(() => Promise.resolve({ errors: [], data: null })));
  await expect(read(await key.sign())).rejects.toMatchObject({ code: 'RETRY_LATER' });
});
