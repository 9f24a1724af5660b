import { createCredentials, type CredentialKind } from './credentials.ts';

/** Tokens of which each is good until it is said to be over. */
function aKind(over: ReadonlySet<string>): CredentialKind {
  return {
    isMine: () => true,
    viewerOf: () => Promise.reject(new Error('nobody asks')),
    ended: (tokens) => Promise.resolve(tokens.filter((token) => over.has(token))),
  };
}

test('a token that has ended ends every header that holds it, however each is written', async () => {
  const { ended } = createCredentials([aKind(new Set(['one']))]);
  expect(await ended(['Bearer one', 'bearer one', 'Bearer two', 'BEARER one'])).toEqual([
    'Bearer one',
    'bearer one',
    'BEARER one',
  ]);
});

test('headers that hold no token have ended, each of them, where its kind says so', async () => {
  const { ended } = createCredentials([aKind(new Set(['']))]);
  expect(await ended(['Basic x', 'Bearer two', 'Digest y'])).toEqual(['Basic x', 'Digest y']);
});
