import { jest } from '@jest/globals';
import { createIssuer, createTokenCheck } from './token.ts';

afterEach(() => jest.useRealTimers());

test('a token of ours names its reader, and nobody asks for nobody', async () => {
  const issuer = await createIssuer();
  const check = createTokenCheck(issuer.keys);
  expect(await check(await issuer.authorization('reader', 60))).toMatchObject({ userId: 'reader' });
  expect(await check(null)).toBeNull();
});

test('a forged token, one of another issuer, and what is no bearer token are refused', async () => {
  const [issuer, stranger] = [await createIssuer(), await createIssuer()];
  const check = createTokenCheck(issuer.keys);
  const good = await issuer.authorization('reader', 60);
  await check(good);
  await expect(check(`${good}x`)).rejects.toThrow();
  await expect(check(await stranger.authorization('reader', 60))).rejects.toThrow();
  for (const odd of ['', 'Bearer', 'Basic abc', `${good} more`]) await expect(check(odd)).rejects.toThrow('no bearer');
});

test('a token that is remembered still ends', async () => {
  const issuer = await createIssuer();
  const check = createTokenCheck(issuer.keys);
  const authorization = await issuer.authorization('reader', 60);
  await check(authorization);
  jest.useFakeTimers({ now: Date.now() + 61_000 });
  await expect(check(authorization)).rejects.toThrow('has ended');
});
