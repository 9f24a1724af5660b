import { startTestGateway, type TestGateway, type Transports } from './testing/gateway.ts';

describe.each<Transports>(['in-process', 'http'])('over %s transports', (transports) => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startTestGateway({ transports });
  });
  afterAll(() => gateway.stop());

  test('a query gathers fields of two subgraphs', async () => {
    const { status, data, errors } = await gateway.query('{ books { id writer { name } } }');
    expect(errors).toBeUndefined();
    expect(status).toBe(200);
    expect(data).toEqual({
      books: [
        { id: '1', writer: { name: 'Jane' } },
        { id: '2', writer: { name: 'Jane' } },
      ],
    });
  });

  test('the viewer of the token reaches every subgraph', async () => {
    const { data } = await gateway.query('{ me book(id: 1) { writer { readBy } } }', { as: 'user_a' });
    expect(data).toEqual({ me: 'user_a', book: { writer: { readBy: 'user_a' } } });
  });

  test('headers of a client never become identity', async () => {
    const { data } = await gateway.query('{ me }', { headers: { 'x-user-id': 'user_a', 'x-broadsheet-hop': 'a.b' } });
    expect(data).toEqual({ me: 'anonymous' });
  });

  test('credentials that do not hold are refused with 401', async () => {
    const { status, errors, data } = await gateway.query('{ me }', { as: 'nobody' });
    expect([status, errors?.[0]?.extensions['code'], data]).toEqual([401, 'UNAUTHENTICATED', undefined]);
  });

  test('a failure of ours is masked: no message, no address, but the part that failed and the request id', async () => {
    const { errors, data } = await gateway.query('{ broken me }', { headers: { 'x-request-id': 'request-0001' } });
    expect(data).toEqual({ broken: null, me: 'anonymous' });
    expect(errors).toEqual([
      {
        message: 'Something went wrong on our side.',
        path: ['broken'],
        extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: 'request-0001', service: 'library' },
      },
    ]);
  });

  test('a coded error keeps its code, message and path, and gains nothing', async () => {
    const { errors } = await gateway.query('{ forbidden }');
    expect(errors).toEqual([
      { message: 'Only librarians may.', path: ['forbidden'], extensions: { code: 'FORBIDDEN' } },
    ]);
  });

  test('what a mutation has caused is told to later fetches of the operation and of the session', async () => {
    const mutation = 'mutation { renameBook(id: 1, title: "Emma") { title writer { after } } }';
    const { data } = await gateway.query(mutation, { as: 'user_writer' });
    expect(data).toEqual({ renameBook: { title: 'Emma', writer: { after: ['event_Emma'] } } });
    const later = await gateway.query('{ peopleAfter libraryAfter }', { as: 'user_writer' });
    expect(later.data).toEqual({ peopleAfter: ['event_Emma'], libraryAfter: ['event_Emma'] });
    expect((await gateway.query('{ peopleAfter }', { as: 'user_other' })).data).toEqual({ peopleAfter: [] });
    expect((await gateway.query('{ peopleAfter }')).data).toEqual({ peopleAfter: [] });
  });

  test('an anonymous mutation reads its own writes within its operation only', async () => {
    const { data } = await gateway.query('mutation { renameBook(id: 1, title: "Emma") { writer { after } } }');
    expect(data).toEqual({ renameBook: { writer: { after: ['event_Emma'] } } });
    expect((await gateway.query('{ peopleAfter }')).data).toEqual({ peopleAfter: [] });
  });

  test('what a mutation has caused is not told to clients', async () => {
    const { extensions } = await gateway.query('mutation { renameBook(id: 1, title: "Emma") { id } }');
    expect(extensions).toBeUndefined();
  });

  test('aliases named like object internals do no harm', async () => {
    const { data } = await gateway.query('{ __proto__: me constructor: me }');
    expect(Object.entries(data ?? {})).toEqual([
      ['__proto__', 'anonymous'],
      ['constructor', 'anonymous'],
    ]);
    expect(({} as Record<string, unknown>)['me']).toBeUndefined();
  });
});

test('a supergraph without a way to one of its subgraphs does not start', async () => {
  await expect(startTestGateway({ overrides: { transports: {} } })).rejects.toThrow('no transport to library, people');
});

test('a file that is no supergraph does not start', async () => {
  const start = startTestGateway({ overrides: { supergraphSdl: 'type Query { a: Int }' } });
  await expect(start).rejects.toThrow('no join__Graph');
});

test.each(['nowhere.invalid', '192.0.2.1'])(
  'a host of another machine, %s, stops the start and names HOST',
  async (HOST) => {
    await expect(startTestGateway({ environment: { HOST } })).rejects.toThrow(/^HOST: must be .* of this machine/);
  },
);
