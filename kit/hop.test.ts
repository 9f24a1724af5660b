import { signHop, verifyHop } from './hop.ts';
import { newId } from './ids.ts';
import { testHop } from './testing/stores.ts';
import { userViewer } from './viewer.ts';

const hop = testHop(userViewer(newId('user'), 'admin', newId('session')), [
  { id: crypto.randomUUID(), type: 'widget.saved' },
]);
const now = Date.now();
const token = signHop('secret', 'maker', hop, 'body', now);
const [payload = '', signature = ''] = token.split('.');

/** Claims changed after they were signed. */
const forged = (change: object): string => {
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object;
  return `${Buffer.from(JSON.stringify({ ...claims, ...change })).toString('base64url')}.${signature}`;
};

test('what was signed arrives whole', () => {
  expect(verifyHop('secret', 'maker', token, 'body', now)).toEqual(hop);
  expect(verifyHop('secret', 'maker', token, Buffer.from('body'), now + 29_000)).toEqual(hop);
});

test('a clock half a minute off is forgiven, more is not', () => {
  expect(verifyHop('secret', 'maker', token, 'body', now - 29_000)).toEqual(hop);
  expect(verifyHop('secret', 'maker', token, 'body', now - 32_000)).toBeNull();
  expect(verifyHop('secret', 'maker', token, 'body', now + 31_000)).toBeNull();
});

test.each([
  ['another secret', () => verifyHop('other', 'maker', token, 'body', now)],
  ['another audience', () => verifyHop('secret', 'taker', token, 'body', now)],
  ['another body', () => verifyHop('secret', 'maker', token, 'body ', now)],
  ['an empty body', () => verifyHop('secret', 'maker', token, '', now)],
  [
    'a changed viewer',
    () => verifyHop('secret', 'maker', forged({ viewer: userViewer(newId('user'), 'admin') }), 'body', now),
  ],
  ['a later end', () => verifyHop('secret', 'maker', forged({ exp: Math.floor(now / 1000) + 3600 }), 'body', now)],
])('%s makes it worthless', (_, verify) => {
  expect(verify()).toBeNull();
});

test.each([
  undefined,
  '',
  '.',
  'x',
  'x.y',
  `${payload}.`,
  `.${signature}`,
  `${token}.`,
  `${token}.x`,
  `${payload}.${signature.slice(1)}`,
  `${payload}.${'é'.repeat(43)}`,
])('what is no token is nobody: %j', (given) => {
  expect(verifyHop('secret', 'maker', given, 'body', now)).toBeNull();
});
