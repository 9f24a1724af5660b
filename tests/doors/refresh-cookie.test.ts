import { readFileSync } from 'node:fs';
import { buildSchema, getNamedType } from 'graphql';
import { testSubgraph } from 'kit/testing/subgraph';
import { users } from 'subgraphs/users/subgraph';
import { aPerson, PASSWORD } from 'subgraphs/users/testing';
import { STARTING } from '../../edge/refresh-cookie.ts';
import { openDoor, type Door, type Reply } from '../setup/doors.ts';

const graph = testSubgraph(users);
const APP = 'https://app.example';
let door: Door;
beforeAll(async () => {
  door = await openDoor({ users: graph }, { ALLOWED_ORIGINS: APP, REFRESH_TOKEN_DAYS: '3' });
});
afterAll(() => door.stop());

const WANTED = { 'x-refresh-token': 'cookie' };
const PAYLOAD = '{ accessToken refreshToken userErrors { code } }';
const LOGIN = `mutation Login($input: LoginInput!) { login(input: $input) ${PAYLOAD} }`;
const REFRESH = `mutation Refresh($input: RefreshSessionInput!) { refreshSession(input: $input) ${PAYLOAD} }`;

/** The cookie as a browser would send it back; null where none was set. */
const cookieOf = ({ headers }: Reply): string | null => headers.getSetCookie()[0]?.split(';')[0] ?? null;
const codeOf = ({ json }: Reply): unknown => {
  const { errors, code } = json as { errors?: { extensions: { code: string } }[]; code?: string };
  return errors?.[0]?.extensions.code ?? code;
};

async function signedIn() {
  const { username } = await aPerson(graph);
  const input = { identifier: username, password: PASSWORD };
  const reply = await door.graphql(LOGIN, { input }, { headers: WANTED });
  return { username, input, reply, cookie: cookieOf(reply) ?? '' };
}

const refresh = (cookie: string | null, headers: Record<string, string> = WANTED, variables: object = { input: {} }) =>
  door.graphql(REFRESH, variables, { headers: { ...headers, ...(cookie === null ? {} : { cookie }) } });

test('whoever asks for it gets the refresh token in a cookie that no script reads, and nowhere else', async () => {
  const { reply } = await signedIn();
  const [cookie, ...others] = reply.headers.getSetCookie();
  expect(others).toEqual([]);
  expect(cookie).toMatch(
    /^__Host-refresh=session_\w+(\.[\w-]+)+; Path=\/; Max-Age=259200; HttpOnly; Secure; SameSite=Strict$/,
  );
  expect(reply.json).toMatchObject({
    data: { login: { accessToken: expect.any(String) as string, refreshToken: null } },
  });
  const token = /=([^;]+)/.exec(cookie ?? '')?.[1] ?? 'none';
  expect(reply.text).not.toContain(token.split('.')[1]);
});

test('without the header nothing of it happens', async () => {
  const { input, cookie } = await signedIn();
  const plain = await door.graphql(LOGIN, { input });
  expect(plain.headers.getSetCookie()).toEqual([]);
  expect(plain.json).toMatchObject({ data: { login: { refreshToken: expect.any(String) as string } } });
  expect(codeOf(await refresh(cookie, {}))).toBe('BAD_USER_INPUT');
});

test('the cookie refreshes by GraphQL and by REST, and is replaced each time', async () => {
  const { cookie } = await signedIn();
  const first = await refresh(cookie);
  expect(first.json).toMatchObject({ data: { refreshSession: { refreshToken: null, userErrors: [] } } });
  const next = cookieOf(first);
  expect(next).not.toBe(cookie);
  const second = await door.ask('POST', '/api/v1/auth/refresh', { headers: { ...WANTED, cookie: `other=1; ${next}` } });
  expect([second.status, second.json]).toMatchObject([
    200,
    { accessToken: expect.any(String) as string, refreshToken: null },
  ]);
  expect(cookieOf(second)).not.toBe(next);
});

test('a session that has ended takes its cookie with it', async () => {
  const { cookie } = await signedIn();
  const third = cookieOf(await refresh(cookieOf(await refresh(cookie))));
  // Used long ago: somebody has a copy.
  const reused = await refresh(cookie);
  expect(reused.json).toMatchObject({ data: { refreshSession: { accessToken: null } } });
  expect(reused.headers.getSetCookie()).toEqual([expect.stringMatching(/^__Host-refresh=; .*Max-Age=0;/)]);
  expect((await refresh(third)).json).toMatchObject({ data: { refreshSession: { accessToken: null } } });
});

test('a sign-out takes the cookie back', async () => {
  const { reply } = await signedIn();
  const token = (reply.json as { data: { login: { accessToken: string } } }).data.login.accessToken;
  const out = await door.ask('POST', '/api/v1/auth/logout', { token, headers: WANTED });
  expect([out.status, out.headers.getSetCookie()[0]]).toEqual([204, expect.stringContaining('Max-Age=0')]);
});

test('no cookie is 401 with the way to go on', async () => {
  expect(codeOf(await refresh(null))).toBe('UNAUTHENTICATED');
  expect((await door.ask('POST', '/api/v1/auth/refresh', { headers: WANTED })).status).toBe(401);
});

describe('a page of another site', () => {
  const preflight = async (origin: string) => {
    const headers = {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type,x-refresh-token',
    };
    const response = await fetch(door.url, { method: 'OPTIONS', headers });
    return [response.status, response.headers.get('access-control-allow-credentials')];
  };

  test('may not send the header; one of an allowed origin may, with its cookie', async () => {
    expect(await preflight('https://evil.example')).toEqual([403, null]);
    expect(await preflight(APP)).toEqual([204, 'true']);
  });

  test('gets nothing by sending it all the same', async () => {
    const { cookie, input } = await signedIn();
    const foreign = [{ origin: 'https://evil.example' }, { origin: 'null' }, { 'sec-fetch-site': 'cross-site' }];
    for (const headers of foreign) {
      const refused = await refresh(cookie, { ...WANTED, ...(headers as Record<string, string>) });
      expect([headers, refused.status, codeOf(refused)]).toEqual([headers, 403, 'FORBIDDEN']);
      expect(refused.headers.getSetCookie()).toEqual([]);
      // Nor does it sign its victim in as somebody else.
      const login = await door.graphql(LOGIN, { input }, { headers: { ...WANTED, ...(headers as object) } });
      expect([codeOf(login), login.headers.getSetCookie()]).toEqual(['FORBIDDEN', []]);
    }
    const rest = { ...WANTED, cookie, origin: 'https://evil.example' };
    expect((await door.ask('POST', '/api/v1/auth/refresh', { headers: rest })).status).toBe(403);
    expect((await refresh(cookie, { ...WANTED, origin: APP })).status).toBe(200);
  });
});

describe('a script in the page', () => {
  test('cannot have the token put anywhere but into the exchange', async () => {
    const { cookie, reply } = await signedIn();
    const token = (reply.json as { data: { login: { accessToken: string } } }).data.login.accessToken;
    const headers = { ...WANTED, cookie };
    const update = (input: string) =>
      `mutation Leak(${input}) { updateProfile(input: $input) { user { bio } userErrors { code } } }`;
    const refused = await door.graphql(update('$input: RefreshSessionInput!'), { input: {} }, { token, headers });
    expect(codeOf(refused)).toBe('GRAPHQL_VALIDATION_FAILED');
    const other = await door.graphql(update('$input: UpdateProfileInput!'), { input: {} }, { token, headers });
    expect(other.json).toMatchObject({ data: { updateProfile: { user: { bio: '' } } } });
    expect(other.text).not.toContain(cookie.split('.')[1]);
  });

  test.each([
    [
      'under another name',
      'mutation R($input: RefreshSessionInput!) { a: refreshSession(input: $input) { mine: refreshToken also: refreshToken userErrors { code } } }',
    ],
    [
      'in fragments',
      'mutation R($input: RefreshSessionInput!) { ...M } fragment M on Mutation { refreshSession(input: $input) { ...P ... on SessionPayload { x: refreshToken } } } fragment P on SessionPayload { refreshToken }',
    ],
  ])('cannot read the new one %s', async (_, query) => {
    const { cookie } = await signedIn();
    const answered = await door.graphql(query, { input: {} }, { headers: { ...WANTED, cookie } });
    const next = cookieOf(answered)?.split('.')[1] ?? '';
    expect(next.length).toBeGreaterThan(20);
    expect(answered.text).not.toContain(next);
    expect(answered.json).toHaveProperty('data');
  });

  test('cannot have it deferred, or lose it', async () => {
    const { cookie } = await signedIn();
    const input = '$input: RefreshSessionInput!';
    const deferred = `mutation R(${input}) { refreshSession(input: $input) { accessToken ... @defer { refreshToken } } }`;
    const accept = 'multipart/mixed;incrementalSpec=v0.2, application/json';
    const headers = { ...WANTED, cookie, accept };
    expect(codeOf(await door.graphql(deferred, { input: {} }, { headers }))).toBe('BAD_REQUEST');
    const skipped = `mutation R(${input}, $no: Boolean!) { refreshSession(input: $input) { accessToken refreshToken @include(if: $no) } }`;
    expect(codeOf(await door.graphql(skipped, { input: {}, no: false }, { headers }))).toBe('BAD_REQUEST');
    const lost = `mutation R(${input}) { refreshSession(input: $input) { accessToken } }`;
    expect(codeOf(await door.graphql(lost, { input: {} }, { headers }))).toBe('BAD_REQUEST');
    // None of them has used it up.
    expect((await refresh(cookie)).json).toMatchObject({ data: { refreshSession: { userErrors: [] } } });
  });
});

test('every mutation that answers a session is one of those whose tokens are hidden', () => {
  const schema = buildSchema(readFileSync('schema/supergraph.graphql', 'utf8'), { assumeValid: true });
  const answering = Object.values(schema.getMutationType()?.getFields() ?? {})
    .filter(({ type }) => {
      const named = getNamedType(type);
      return 'getFields' in named && 'refreshToken' in named.getFields();
    })
    .map(({ name }) => name);
  expect(answering.sort()).toEqual([...STARTING].sort());
});
