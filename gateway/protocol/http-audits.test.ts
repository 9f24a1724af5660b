import { serverAudits } from 'graphql-http';
import { mediaTypeOf } from '../graphql-over-http.ts';
import { startTestGateway, type TestGateway } from '../testing/gateway.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway({ environment: { RATE_LIMITS: 'off' } });
});
afterAll(() => gateway.stop());

// The specification's own audits, those that may hold with those that must: none is left out.
const audits = serverAudits({ url: () => gateway.url, fetchFn: fetch });

test('every audit is here', () => {
  const levels = audits.map(({ name }) => /^(MUST|SHOULD|MAY)\b/.exec(name)?.[0]);
  const count = (level: string) => levels.filter((one) => one === level).length;
  expect([count('MUST'), count('SHOULD'), count('MAY')]).toEqual([13, 23, 25]);
});

test.each(audits.map((audit) => [audit.id, audit.name, audit] as const))('%s: %s', async (_id, _name, audit) => {
  const result = await audit.fn();
  if (result.status !== 'ok') throw new Error(`${result.reason}: ${await result.response.text()}`);
});

const asked = async (body: object | string, accept?: string): Promise<[number, string | null, string | undefined]> => {
  const response = await fetch(gateway.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(accept ? { accept } : {}) },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const { errors } = (await response.json()) as { errors?: { extensions: { code: string } }[] };
  return [response.status, response.headers.get('content-type'), errors?.[0]?.extensions.code];
};
const OWN_TYPE = 'application/graphql-response+json';
const JSON_UTF8 = 'application/json; charset=utf-8';
const OWN_UTF8 = `${OWN_TYPE}; charset=utf-8`;

test.each([
  ['a document that cannot be read', { query: '{ me' }, 'GRAPHQL_PARSE_FAILED'],
  ['a document that does not fit', { query: '{ mee }' }, 'GRAPHQL_VALIDATION_FAILED'],
  ['a limit', { query: `{ book(id: 1) { ${nested(20)} } }` }, 'DEPTH_LIMIT_EXCEEDED'],
  ['an operation that is not there', { query: '{ me }', operationName: 'Other' }, 'OPERATION_RESOLUTION_FAILURE'],
  ['a variable that does not fit', { query: 'query ($id: ID!) { book(id: $id) { id } }' }, 'BAD_USER_INPUT'],
])('%s is the status’s to say only under the specification’s own type', async (_name, body, code) => {
  expect(await asked(body, 'application/json')).toEqual([200, JSON_UTF8, code]);
  expect(await asked(body, OWN_TYPE)).toEqual([400, OWN_UTF8, code]);
});

function nested(levels: number): string {
  return levels === 0 ? 'id' : `writer { books { ${nested(levels - 1)} } }`;
}

test('what is wrong with the request itself is the status’s to say under either type, in the type asked for', async () => {
  for (const [accept, type] of [
    ['application/json', JSON_UTF8],
    [OWN_TYPE, OWN_UTF8],
  ] as const) {
    expect(await asked('{', accept)).toEqual([400, type, 'BAD_REQUEST']);
    expect(await asked({}, accept)).toEqual([400, type, 'BAD_REQUEST']);
    expect((await asked([], accept))[0]).toBe(400);
    const wrong = await fetch(gateway.url, {
      method: 'POST',
      headers: { accept, 'content-type': 'application/json', authorization: 'Bearer nobody' },
      body: '{"query":"{ me }"}',
    });
    expect([wrong.status, wrong.headers.get('content-type')]).toEqual([401, type]);
  }
});

test('an answer with data and errors is 200 under either type', async () => {
  const query = '{ me broken }';
  for (const accept of ['application/json', OWN_TYPE]) {
    const response = await fetch(gateway.url, {
      method: 'POST',
      headers: { accept, 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    });
    const answer = (await response.json()) as { data?: { me: string }; errors?: unknown[] };
    expect([response.status, answer.data?.me, answer.errors?.length]).toEqual([200, 'anonymous', 1]);
  }
});

test.each([
  [undefined, 'application/json'],
  ['', 'application/json'],
  ['*/*', 'application/json'],
  ['application/*', 'application/json'],
  ['APPLICATION/JSON', 'application/json'],
  ['application/json; charset=utf-8', 'application/json'],
  [`${OWN_TYPE}, application/json;q=0.9`, OWN_TYPE],
  [`application/json;q=0.9, ${OWN_TYPE}`, OWN_TYPE],
  [`${OWN_TYPE}, application/json`, OWN_TYPE],
  [`application/json, ${OWN_TYPE}`, 'application/json'],
  [`*/*;q=0.1, ${OWN_TYPE};q=0.2`, OWN_TYPE],
  ['text/html, */*;q=0.8', 'application/json'],
  ['*/*, application/json;q=0', OWN_TYPE],
  [`application/*, ${OWN_TYPE};q=0`, 'application/json'],
  ['application/json;q=0', null],
  ['application/json;q=nonsense', null],
  ['text/html', null],
  ['application/jsonp', null],
  [',,;;', null],
])('Accept: %s is answered as %s', (accept, type) => {
  expect(mediaTypeOf(accept)).toBe(type);
});

test('a client that takes nothing of ours is told so', async () => {
  expect(await asked({ query: '{ me }' }, 'text/csv')).toEqual([406, JSON_UTF8, 'NOT_ACCEPTABLE']);
});

test('HEAD is GET without the body', async () => {
  const address = `${gateway.url}?query=${encodeURIComponent('{ me }')}`;
  const [head, get] = await Promise.all([fetch(address, { method: 'HEAD' }), fetch(address)]);
  const body = await get.text();
  expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, `${body.length}`, '']);
  const mutation = encodeURIComponent('mutation { renameBook(id: 1, title: "x") { id } }');
  expect((await fetch(`${gateway.url}?query=${mutation}`, { method: 'HEAD' })).status).toBe(405);
});
