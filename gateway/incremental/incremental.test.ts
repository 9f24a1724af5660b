import { until } from 'kit/testing/until';
import { startGatedGateway, type GatedGateway } from './testing/gated.ts';
import { ACCEPT_FORMER, ACCEPT_PARTS, allParts, merged, readParts, type Part } from './testing/parts.ts';

let gateway: GatedGateway;
beforeAll(async () => void (gateway = await startGatedGateway()));
afterAll(() => gateway.stop());
beforeEach(() => {
  gateway.open();
  gateway.breakDown(false);
  gateway.asked.library.length = 0;
  gateway.asked.people.length = 0;
});

const QUERY = '{ book(id: "1") { title ... @defer(label: "writer") { writer { name } } } }';
const parts = (query: string, variables: object = {}, headers: Record<string, string> = {}) =>
  allParts(gateway.url, { query, variables }, headers);
const whole = async (query: string, accept: string, method = 'POST') => {
  const url = method === 'POST' ? gateway.url : `${gateway.url}?query=${encodeURIComponent(query)}`;
  const headers = { accept, 'content-type': 'application/json', 'apollo-require-preflight': '1' };
  return fetch(url, method === 'POST' ? { method, headers, body: JSON.stringify({ query }) } : { method, headers });
};

describe('what a client gets', () => {
  test('the first part as soon as it is there, the rest once the slow subgraph has answered', async () => {
    gateway.shut();
    const reading = await readParts(gateway.url, { query: QUERY });
    expect(reading.status).toBe(200);
    expect(reading.headers).toMatchObject({
      'content-type': 'multipart/mixed; boundary="-"; incrementalSpec=v0.2',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    expect(await reading.next()).toEqual({
      data: { book: { title: 'Emma' } },
      pending: [{ id: '0', path: ['book'], label: 'writer' }],
      hasNext: true,
    });
    gateway.open();
    expect(await reading.next()).toEqual({
      incremental: [{ id: '0', data: { writer: { name: 'Jane' } } }],
      completed: [{ id: '0' }],
      hasNext: false,
    });
    expect(await reading.next()).toBeNull();
  });

  test('a deferred part does not wait for the whole of the first one', async () => {
    gateway.shut();
    const query = '{ book(id: "1") { writer { name } ... @defer { title sequel { title } } } }';
    const answered = parts(query);
    await until('the deferred fields are asked for', () => gateway.asked.library.length === 2);
    expect(gateway.asked.people).toHaveLength(1);
    gateway.open();
    expect(merged(await answered).data).toEqual({
      book: { writer: { name: 'Jane' }, title: 'Emma', sequel: { title: 'Persuasion' } },
    });
  });

  test('one entry for each object of a list', async () => {
    const [first, second] = await parts('{ books { id ... @defer { writer { name } } } }');
    expect(first?.pending).toEqual([
      { id: '0', path: ['books', 0] },
      { id: '1', path: ['books', 1] },
    ]);
    expect(second?.incremental).toEqual([
      { id: '0', data: { writer: { name: 'Jane' } } },
      { id: '1', data: { writer: { name: 'Jane' } } },
    ]);
  });

  test('fragments within fragments, one after the other', async () => {
    const query = `{ book(id: "1") { id ... @defer(label: "a") { title ... @defer(label: "b") { writer { name } } } } }`;
    gateway.shut();
    const reading = await readParts(gateway.url, { query });
    expect(await reading.next()).toMatchObject({ data: { book: { id: '1' } }, pending: [{ id: '0', label: 'a' }] });
    expect(await reading.next()).toEqual({
      pending: [{ id: '1', path: ['book'], label: 'b' }],
      incremental: [{ id: '0', data: { title: 'Emma' } }],
      completed: [{ id: '0' }],
      hasNext: true,
    });
    gateway.open();
    expect(await reading.next()).toMatchObject({
      incremental: [{ id: '1' }],
      completed: [{ id: '1' }],
      hasNext: false,
    });
    reading.destroy();
  });

  test('a field of several fragments once, under the object that it belongs to', async () => {
    const query = `{ book(id: "1") {
      id sequel { id }
      ... @defer(label: "a") { title sequel { title } }
      ... @defer(label: "b") { title sequel { title writer { name } } }
    } }`;
    const answered = await parts(query);
    expect(merged(answered).data).toEqual({
      book: { id: '1', sequel: { id: '2', title: 'Persuasion', writer: { name: 'Jane' } }, title: 'Emma' },
    });
    const paths = answered.flatMap(({ incremental = [] }) => incremental.map(({ subPath = [] }) => subPath));
    expect(paths).toContainEqual(['sequel']);
  });

  test('nothing is told of a fragment whose fields are all there already: the answer is whole', async () => {
    expect(await parts('{ book(id: "1") { id title ... @defer { id title } } }')).toEqual([
      { data: { book: { id: '1', title: 'Emma' } } },
    ]);
  });

  test('nor of one that is skipped, or stands on what is not there', async () => {
    const query = `query ($no: Boolean!) { books { id ... @defer @include(if: $no) { title } } book(id: "9") { ... @defer { title } } }`;
    expect(await parts(query, { no: false })).toEqual([{ data: { books: [{ id: '1' }, { id: '2' }], book: null } }]);
  });

  test('@defer(if:) by literal and by variable, each time by its value', async () => {
    const query = `query ($is: Boolean! = true) { book(id: "1") { id ... @defer(if: $is) { title } ... @defer(if: false) { writer { name } } } }`;
    const data = { book: { id: '1', title: 'Emma', writer: { name: 'Jane' } } };
    for (const is of [true, false, true]) {
      const answered = await parts(query, { is });
      expect(answered).toHaveLength(is ? 2 : 1);
      expect(merged(answered).data).toEqual(data);
    }
    expect(await parts(query)).toHaveLength(2);
  });

  test('a condition in what is deferred may have a name of the gateway’s own', async () => {
    const query =
      'query ($representations: Boolean!) { book(id: "1") { id ... @defer { writer @include(if: $representations) { name } } } }';
    const data = { book: { id: '1', writer: { name: 'Jane' } } };
    expect(merged(await parts(query, { representations: true })).data).toEqual(data);
    expect(await parts(query, { representations: false })).toHaveLength(1);
  });

  test('named fragments in several places, each with what it defers', async () => {
    const query = `{ a: book(id: "1") { ...F } b: book(id: "2") { ...F sequel { ...F } } }
      fragment F on Book { id ...G @defer(label: "g") } fragment G on Book { title writer { name } }`;
    const answered = await parts(query);
    const paths = answered.flatMap(({ pending = [] }) =>
      pending.map(({ path, label }) => `${label}: ${path.join('.')}`),
    );
    expect(paths.sort()).toEqual(['g: a', 'g: b', 'g: b.sequel']);
    const book = (id: string, title: string) => ({ id, title, writer: { name: 'Jane' } });
    expect(merged(answered).data).toEqual({
      a: book('1', 'Emma'),
      b: { ...book('2', 'Persuasion'), sequel: book('2', 'Persuasion') },
    });
  });

  test('mutations: what they answer may be deferred, they themselves run in order', async () => {
    const query = `mutation { a: renameBook(id: "2", title: "A") { ... @defer { writer { name } } } b: renameBook(id: "2", title: "Persuasion") { title } }`;
    const answered = await parts(query);
    expect(answered[0]?.data).toEqual({ a: {}, b: { title: 'Persuasion' } });
    expect(merged(answered).data).toMatchObject({ a: { writer: { name: 'Jane' } } });
  });

  test('introspection and __typename, now and later', async () => {
    const answered = await parts('{ __typename ... @defer { __schema { queryType { name } } me } }');
    expect(merged(answered).data).toEqual({
      __typename: 'Query',
      __schema: { queryType: { name: 'Query' } },
      me: 'anonymous',
    });
  });
});

describe('failures', () => {
  test('a subgraph that fails later ends its fragment, where a null comes up so far', async () => {
    gateway.breakDown(true);
    const [first, second] = await parts(QUERY);
    expect(first).toMatchObject({ data: { book: { title: 'Emma' } } });
    expect(second).toMatchObject({
      completed: [{ id: '0', errors: [{ path: ['book', 'writer'], extensions: { code: 'SUBGRAPH_UNAVAILABLE' } }] }],
      hasNext: false,
    });
    expect(second).not.toHaveProperty('incremental');
  });

  test('elsewhere the null is sent with its error', async () => {
    const [first, second] = await parts('{ me ... @defer { broken } }');
    expect(first).toMatchObject({ data: { me: 'anonymous' } });
    expect(second).toMatchObject({
      incremental: [
        { data: { broken: null }, errors: [{ path: ['broken'], extensions: { code: 'INTERNAL_SERVER_ERROR' } }] },
      ],
      completed: [{ id: '0' }],
    });
    expect(JSON.stringify(second)).not.toContain('hunter2');
  });

  test('one of many fragments fails, the others come', async () => {
    gateway.breakDown(true);
    const query = '{ books { ... @defer(label: "w") { writer { name } } ... @defer(label: "t") { title } } }';
    const answered = await parts(query);
    const { data, failed } = merged(answered);
    expect(data).toEqual({ books: [{ title: 'Emma' }, { title: 'Persuasion' }] });
    expect(failed).toBe(2);
  });

  test('what takes too long is given up', async () => {
    const impatient = await startGatedGateway({ DEFER_TIMEOUT_SECONDS: '1' });
    impatient.shut();
    const [, second] = await allParts(impatient.url, { query: QUERY });
    expect(second).toMatchObject({
      completed: [{ errors: [{ path: ['book'], extensions: { code: 'DEFER_TIMEOUT' } }] }],
      hasNext: false,
    });
    impatient.open();
    await impatient.stop();
  });

  test.each([
    ['mutation { ... @defer { renameBook(id: "1", title: "Emma") { id } } }', /root type Mutation/],
    ['subscription { ... @defer { bookChanged(id: "1") { id } } }', /root type Subscription/],
    ['{ books { ... @defer(label: "a") { id } ... @defer(label: "a") { title } } }', /"a" stands at two/],
    ['query ($l: String) { books { ... @defer(label: $l) { id } } }', /cannot be a variable/],
    ['{ books @defer { id } }', /may not be used on FIELD/],
  ])('%s is refused', async (query, message) => {
    const [only] = await parts(query);
    expect(only?.data).toBeUndefined();
    expect(only?.errors?.map(({ message: text }) => text).join()).toMatch(message);
  });

  test('limits count what is deferred like everything else', async () => {
    const deep = Array.from({ length: 14 }).reduce(
      (inner) => `{ title ... @defer { sequel ${String(inner)} } }`,
      '{ id }',
    );
    const [only] = await parts(`{ book(id: "1") ${String(deep)} }`);
    expect(only?.errors).toMatchObject([{ extensions: { code: 'DEPTH_LIMIT_EXCEEDED' } }]);
  });

  test('with too many fragments for parts, the answer is whole', async () => {
    const wide = await startGatedGateway({ MAX_DIRECTIVES: '1000', MAX_ALIASES: '1000' });
    const fragments = Array.from({ length: 101 }, (_, index) => `... @defer { a${index}: title }`).join(' ');
    expect(await allParts(wide.url, { query: `{ book(id: "1") { id ${fragments} } }` })).toHaveLength(1);
    await wide.stop();
  });
});

describe('clients that do not take parts', () => {
  const data = { book: { title: 'Emma', writer: { name: 'Jane' } } };
  test.each([
    'application/json',
    '*/*',
    'application/graphql-response+json, multipart/mixed;subscriptionSpec=1.0',
    'multipart/mixed;deferSpec=20200101, application/json',
    'multipart/mixed;incrementalSpec=v9, application/json',
    'multipart/mixed;q=0, application/json',
  ])('%s gets one answer', async (accept) => {
    const response = await whole(QUERY, accept);
    expect(response.headers.get('content-type')).toMatch(/^application\/(graphql-response\+)?json/);
    expect(await response.json()).toEqual({ data });
  });

  test.each(['multipart/mixed', 'multipart/mixed; boundary="-"', 'MULTIPART/MIXED;incrementalSpec="v0.2"'])(
    '%s takes parts, and whole what has none',
    async (accept) => {
      expect((await whole(QUERY, accept)).headers.get('content-type')).toMatch(/^multipart\/mixed/);
      expect((await whole('{ me }', accept)).headers.get('content-type')).toMatch(/^application\/json/);
    },
  );

  test('a query by GET comes in parts; a HEAD asks for no body', async () => {
    const response = await whole(QUERY, 'multipart/mixed', 'GET');
    expect(response.headers.get('content-type')).toMatch(/^multipart\/mixed/);
    await response.body?.cancel();
    const head = await whole(QUERY, 'multipart/mixed', 'HEAD');
    expect([head.status, await head.text()]).toEqual([200, '']);
  });

  test('a stream of events has it whole', async () => {
    const response = await whole(QUERY, 'text/event-stream');
    expect(await response.text()).toContain(`data: ${JSON.stringify({ data })}\n\nevent: complete`);
  });

  test('DEFER=off: nobody may ask for it', async () => {
    const off = await startGatedGateway({ DEFER: 'off' });
    const [only] = await allParts(off.url, { query: QUERY });
    expect(only?.errors).toMatchObject([{ message: 'Unknown directive "@defer".' }]);
    await off.stop();
  });
});

describe('the format of 2022', () => {
  const former = (query: string) => parts(query, {}, { accept: ACCEPT_FORMER });
  test('parts go by path and label', async () => {
    expect(await former(QUERY)).toEqual([
      { data: { book: { title: 'Emma' } }, hasNext: true },
      { incremental: [{ data: { writer: { name: 'Jane' } }, path: ['book'], label: 'writer' }], hasNext: false },
    ]);
  });

  test('each fragment is told of, one that fails by null', async () => {
    gateway.breakDown(true);
    const query =
      '{ book(id: "1") { id ... @defer(label: "same") { id } ... @defer(label: "no") { writer { name } } } }';
    const [first, ...rest] = await former(query);
    expect(first).toEqual({ data: { book: { id: '1' } }, hasNext: true });
    const told = rest.flatMap(({ incremental = [] }: Part) => incremental);
    expect(told).toEqual([
      { data: {}, path: ['book'], label: 'same' },
      { data: null, path: ['book'], label: 'no', errors: [expect.objectContaining({ path: ['book', 'writer'] })] },
    ]);
  });
});

describe('ends', () => {
  const metric = async (name: string) => {
    const text = await (await fetch(`${gateway.origin}/metrics`)).text();
    const lines = text.split('\n').filter((line) => line.startsWith(`${name}{`) && line.includes('operation="query"'));
    return lines.reduce((sum, line) => sum + Number(line.split(' ')[1]), 0);
  };

  test('is one request to the metrics', async () => {
    const before = await metric('gateway_requests_total');
    await parts(QUERY);
    expect((await metric('gateway_requests_total')) - before).toBe(1);
  });

  test('a client that goes away is asked for no more', async () => {
    gateway.shut();
    const query =
      '{ book(id: "1") { id ... @defer { writer { name ... @defer { books { title sequel { title } } } } } } }';
    const before = await metric('gateway_requests_total');
    const reading = await readParts(gateway.url, { query });
    await reading.next();
    await until('the deferred fields are asked for', () => gateway.asked.people.length > 0);
    const asked = gateway.asked.library.length;
    reading.destroy();
    await until('the request has ended', async () => (await metric('gateway_requests_total')) === before + 1);
    gateway.open();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(gateway.asked.library).toHaveLength(asked);
  });

  test('a mutation whose client goes away is carried out as a whole', async () => {
    gateway.shut();
    const query = `mutation { a: renameBook(id: "2", title: "A") { writer { name } ... @defer { sequel { title } } } b: renameBook(id: "2", title: "Persuasion") { id } }`;
    const leaving = new AbortController();
    const headers = { accept: ACCEPT_PARTS, 'content-type': 'application/json' };
    const body = JSON.stringify({ query });
    const answered = fetch(gateway.url, { method: 'POST', headers, body, signal: leaving.signal });
    await until('its first field is under way', () => gateway.asked.people.length > 0);
    leaving.abort();
    await expect(answered).rejects.toThrow('aborted');
    await new Promise((resolve) => setTimeout(resolve, 100));
    gateway.open();
    await until('both its fields have been asked for', () => {
      return gateway.asked.library.filter((asked) => asked.startsWith('mutation')).length === 2;
    });
  });

  test('a stop waits for the parts that are still to come', async () => {
    const stopping = await startGatedGateway();
    stopping.shut();
    const reading = await readParts(stopping.url, { query: QUERY });
    expect(await reading.next()).toMatchObject({ hasNext: true });
    const stopped = stopping.stop();
    await new Promise((resolve) => setTimeout(resolve, 100));
    stopping.open();
    expect(await reading.next()).toMatchObject({
      incremental: [{ data: { writer: { name: 'Jane' } } }],
      hasNext: false,
    });
    expect(await reading.next()).toBeNull();
    await stopped;
  });

  test('a hundred at once, each with its own', async () => {
    const query = 'query ($id: ID!) { book(id: $id) { id ... @defer { title writer { name } } } }';
    const answers = await Promise.all(
      Array.from({ length: 100 }, async (_, index) => merged(await parts(query, { id: String((index % 2) + 1) })).data),
    );
    answers.forEach((answer, index) =>
      expect(answer).toEqual({
        book: { id: String((index % 2) + 1), title: index % 2 ? 'Persuasion' : 'Emma', writer: { name: 'Jane' } },
      }),
    );
  });
});
