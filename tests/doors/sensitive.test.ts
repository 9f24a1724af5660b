import { testSubgraph } from 'kit/testing/subgraph';
import { users } from 'subgraphs/users/subgraph';
import { aPerson, PASSWORD } from 'subgraphs/users/testing';
import { openDoor, type Door } from '../setup/doors.ts';

const graph = testSubgraph(users, { LIMIT_SIGN_IN_PER_MINUTE: '5' });
let door: Door;
beforeAll(async () => {
  // Each file's tests come from one address: the limit is counted from here on.
  door = await openDoor({ users: graph }, { TRUSTED_PROXIES: '127.0.0.1' });
});
afterAll(() => door.stop());

const codeOf = (json: unknown): unknown =>
  (json as { errors?: { extensions: { code: string } }[] }).errors?.[0]?.extensions.code;
const from = (address: string) => ({ headers: { 'x-forwarded-for': address } });
const LOGIN = 'login(input: { identifier: "nobody", password: "not the password" }) { userErrors { code } }';
const FIELDS: readonly (readonly [name: string, field: string])[] = [
  ['login', LOGIN],
  ['completeLogin', 'completeLogin(input: { challenge: "c", kind: TOTP, code: "000000" }) { userErrors { code } }'],
  ['register', 'register(input: { username: "x", email: "x", password: "x" }) { userErrors { code } }'],
  ['refreshSession', 'refreshSession(input: { refreshToken: "x" }) { userErrors { code } }'],
  ['verifyEmail', 'verifyEmail(input: { token: "x" }) { userErrors { code } }'],
  ['resendVerification', 'resendVerification(input: { username: "x" }) { userErrors { code } }'],
  ['confirmTotp', 'confirmTotp(input: { code: "000000" }) { userErrors { code } }'],
  ['disableTotp', 'disableTotp(input: { code: "000000" }) { userErrors { code } }'],
];

test.each(FIELDS)(
  '%s is once in an operation: not by aliases, fragments or beside another one',
  async (name, field) => {
    const aliases = [0, 1, 2].map((index) => `a${index}: ${field}`).join(' ');
    const fragments = `...A ...B } fragment A on Mutation { one: ${field} } fragment B on Mutation { ... { two: ${field} }`;
    const beside = name === 'login' ? `register: refreshSession(input: { refreshToken: "x" }) { accessToken }` : LOGIN;
    for (const selection of [aliases, fragments, `${field} ${beside}`]) {
      const { json } = await door.graphql(`mutation { ${selection} }`, {}, from('203.0.113.1'));
      expect([name, codeOf(json)]).toEqual([name, 'SENSITIVE_FIELD_REPEATED']);
    }
    // The twin: once, nested as deep as one likes, it is asked.
    const nested = `mutation { ...A } fragment A on Mutation { ... { ... on Mutation { only: ${field} } } }`;
    expect(codeOf((await door.graphql(nested, {}, from('203.0.113.1'))).json)).not.toBe('SENSITIVE_FIELD_REPEATED');
  },
);

test('many in a batch are none: batches are not taken', async () => {
  const body = Array.from({ length: 3 }, () => ({ query: `mutation { ${LOGIN} }` }));
  const { status, json } = await door.ask('POST', '/graphql', { body });
  expect([status, codeOf(json)]).toEqual([400, 'BAD_REQUEST']);
});

test('an operation that is not to run cannot hide them', async () => {
  const query = `query Harmless { __typename } mutation Many { one: ${LOGIN} two: ${LOGIN} }`;
  const { json } = await door.ask('POST', '/graphql', { body: { query, operationName: 'Harmless' } });
  expect(codeOf(json)).toBe('SENSITIVE_FIELD_REPEATED');
});

test('five tries a minute from an address, over GraphQL and REST together; the sixth is told when', async () => {
  const { username } = await aPerson(graph);
  const body = { identifier: username, password: 'not the password' };
  const by = from('203.0.113.9');
  for (let tried = 0; tried < 3; tried++)
    expect((await door.ask('POST', '/api/v1/auth/login', { body, ...by })).status).toBe(401);
  const query = 'mutation L($input: LoginInput!) { login(input: $input) { userErrors { code } } }';
  for (let tried = 0; tried < 2; tried++) expect((await door.graphql(query, { input: body }, by)).status).toBe(200);

  const rest = await door.ask('POST', '/api/v1/auth/login', { body, ...by });
  expect([rest.status, rest.json]).toMatchObject([429, { code: 'RATE_LIMITED' }]);
  const graphql = await door.graphql(query, { input: body }, by);
  expect(codeOf(graphql.json)).toBe('RATE_LIMITED');
  for (const { headers } of [rest, graphql]) {
    const seconds = Number(headers.get('retry-after'));
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual(60);
  }
  // Elsewhere, and with the right password, they get in: nobody is locked out.
  const right = { identifier: username, password: PASSWORD };
  const elsewhere = await door.ask('POST', '/api/v1/auth/login', { body: right, ...from('198.51.100.7') });
  expect(elsewhere.status).toBe(200);
});
