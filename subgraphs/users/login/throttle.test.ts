import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { testSubgraph } from 'kit/testing/subgraph';
import { users } from '../subgraph.ts';
import { aPerson, PASSWORD } from '../testing.ts';
import {
  aProtectedPerson,
  ask,
  codeOf,
  complete,
  COMPLETE,
  elsewhere,
  HOME,
  logIn,
  tryLogIn,
} from './login.testing.ts';

/** Says of the answer "solved" that it is right, as hCaptcha, Turnstile and reCAPTCHA do. */
const service: Server = createServer((request, response) => {
  let body = '';
  request.on('data', (part: Buffer) => (body += part.toString()));
  request.on('end', () => {
    const form = new URLSearchParams(body);
    const success = form.get('response') === 'solved' && form.get('secret') === 'of the operator';
    response.end(JSON.stringify({ success }));
  });
});
await once(service.listen(0, '127.0.0.1'), 'listening');
afterAll(() => void service.close());

const strict = testSubgraph(users, { LIMIT_SIGN_IN_PER_MINUTE: '5', LIMIT_SECOND_FACTOR_PER_HOUR: '6' });
const withCaptcha = testSubgraph(users, {
  LIMIT_SIGN_IN_PER_MINUTE: '5',
  CAPTCHA_VERIFY_URL: `http://127.0.0.1:${(service.address() as AddressInfo).port}/siteverify`,
  CAPTCHA_SECRET: 'of the operator',
});

const codeIn = ({ errors }: Awaited<ReturnType<typeof tryLogIn>>) => errors?.[0]?.extensions?.['code'] ?? 'tried';

test('tries are counted by address, also in a batch of aliases, and say how long to wait', async () => {
  const one = `login(input: { identifier: "nobody", password: "x" }) { userErrors { code } }`;
  const { errors } = await ask(
    strict,
    elsewhere(1),
    `mutation { ${[1, 2, 3, 4, 5, 6, 7].map((n) => `t${n}: ${one}`).join(' ')} }`,
    {},
  );
  expect(errors?.map(({ extensions }) => extensions?.['code'])).toContain('RATE_LIMITED');
  expect(errors?.[0]?.extensions?.['retryAfterSeconds']).toBeGreaterThan(0);
  // An IPv6 customer has many addresses, and one counter.
  const tries = [];
  for (let n = 1; n <= 6; n++)
    tries.push(
      await tryLogIn(strict, { address: `2001:db8::${n}`, userAgent: '' }, { identifier: 'nobody', password: 'x' }),
    );
  expect(tries.map(codeIn)).toEqual(['tried', 'tried', 'tried', 'tried', 'tried', 'RATE_LIMITED']);
});

test('whoever uses up their tries at an account shuts nobody else out', async () => {
  const { username } = await aPerson(strict);
  for (let n = 0; n < 8; n++) await tryLogIn(strict, elsewhere(2), { identifier: username, password: 'wrong' });
  expect(codeIn(await tryLogIn(strict, elsewhere(2), { identifier: username, password: PASSWORD }))).toBe(
    'RATE_LIMITED',
  );
  expect((await logIn(strict, username)).accessToken).not.toBeNull();
});

test('guesses at a second factor are bounded over all addresses, and use up nothing of its owner’s', async () => {
  const person = await aProtectedPerson(strict);
  const { challenge: known } = await logIn(strict, person.username, HOME);
  expect(
    (await complete(strict, known?.token, 'RECOVERY_CODE', String(person.recoveryCodes[0]))).accessToken,
  ).not.toBeNull();
  const guesses = [];
  for (let n = 10; n < 20; n++) {
    const { challenge } = await logIn(strict, person.username, elsewhere(n));
    const input = { challenge: challenge?.token, kind: 'TOTP', code: codeOf(person.secret, 50 + n) };
    guesses.push(codeIn(await ask(strict, elsewhere(n), COMPLETE, { input })));
  }
  // The first of the six was the set-up's.
  expect(guesses).toEqual([
    ...Array.from({ length: 5 }, () => 'tried'),
    ...Array.from({ length: 5 }, () => 'RATE_LIMITED'),
  ]);
  // Even the right code is refused from elsewhere; at home it is taken, and a recovery code is everywhere.
  const away = await logIn(strict, person.username, elsewhere(30));
  const right = { challenge: away.challenge?.token, kind: 'TOTP', code: codeOf(person.secret, 1) };
  expect(codeIn(await ask(strict, elsewhere(30), COMPLETE, { input: right }))).toBe('RATE_LIMITED');
  const code = String(person.recoveryCodes[1]);
  expect(
    (await complete(strict, away.challenge?.token, 'RECOVERY_CODE', code, elsewhere(30))).accessToken,
  ).not.toBeNull();
  const { challenge } = await logIn(strict, person.username, HOME);
  expect((await complete(strict, challenge?.token, 'TOTP', codeOf(person.secret, 1), HOME)).accessToken).not.toBeNull();
});

test('a solved captcha lets one go on; a wrong one, or none, does not', async () => {
  const { username } = await aPerson(withCaptcha);
  const input = { identifier: username, password: PASSWORD };
  for (let n = 0; n < 5; n++) await tryLogIn(withCaptcha, HOME, { ...input, password: 'wrong' });
  const refused = await tryLogIn(withCaptcha, HOME, input);
  expect(refused.errors?.[0]?.extensions).toMatchObject({ code: 'RATE_LIMITED', isCaptchaAccepted: true });
  expect(codeIn(await tryLogIn(withCaptcha, HOME, { ...input, captcha: 'guessed' }))).toBe('RATE_LIMITED');
  const solved = await tryLogIn(withCaptcha, HOME, { ...input, captcha: 'solved' });
  expect(solved.data).toMatchObject({ login: { accessToken: expect.any(String) as unknown } });
});
