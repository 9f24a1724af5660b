import { request, type IncomingHttpHeaders } from 'node:http';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { getIntrospectionQuery } from 'graphql';
import { compress, encodingOf, type Encoding } from './compression.ts';
import { startTestGateway, type TestGateway } from './testing/gateway.ts';

test.each<[string | undefined, Encoding | null]>([
  [undefined, null],
  ['', null],
  ['gzip, deflate, br, zstd', 'br'],
  ['gzip', 'gzip'],
  ['GZIP;Q=0.5', 'gzip'],
  ['br;q=0.5, gzip;q=0.9', 'gzip'],
  ['br;q=0, gzip;q=0', null],
  ['*', 'br'],
  ['*;q=0.1, br;q=0', 'gzip'],
  ['gzip;q=0.5, identity', null],
  ['identity;q=0, gzip', 'gzip'],
  ['gzip;q=nonsense', null],
  ['deflate, zstd', null],
])('Accept-Encoding %j takes %j', (accepted, encoding) => {
  expect(encodingOf(accepted)).toBe(encoding);
});

test.each([1500, 65_536, 65_537, 3_000_000])('%s bytes are there again after either encoding', async (size) => {
  const content = Buffer.from('{"é":"😀"}, '.repeat(size)).subarray(0, size);
  for (const [encoding, back] of [['br', brotliDecompressSync] as const, ['gzip', gunzipSync] as const]) {
    const compressed = await new Promise<Buffer | null>((resolve) => compress(content, encoding, resolve));
    expect(compressed?.length).toBeLessThan(size / 5);
    expect(back(compressed ?? '').equals(content)).toBe(true);
  }
});

interface Raw {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** An answer as it comes, still encoded. */
function ask(gateway: TestGateway, method: string, path: string, accepted: string, body?: string): Promise<Raw> {
  return new Promise((resolve, reject) => {
    const headers = { 'accept-encoding': accepted, 'content-type': 'application/json', 'x-apollo-operation-name': 'a' };
    const sent = request(gateway.origin + path, {
      method,
      headers: body ? headers : { ...headers, 'content-type': '' },
    });
    sent.on('error', reject);
    sent.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      );
    });
    sent.end(body);
  });
}

const LONG = JSON.stringify({ query: getIntrospectionQuery() });

describe('answers', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startTestGateway();
  });
  afterAll(() => gateway.stop());

  test('long ones come in the encoding that is asked for, and are the same', async () => {
    const plain = await ask(gateway, 'POST', '/graphql', 'identity', LONG);
    const [br, gzip] = [
      await ask(gateway, 'POST', '/graphql', 'gzip, br', LONG),
      await ask(gateway, 'POST', '/graphql', 'gzip', LONG),
    ];
    expect([plain, br, gzip].map(({ headers }) => headers['content-encoding'])).toEqual([undefined, 'br', 'gzip']);
    expect(brotliDecompressSync(br.body).equals(plain.body)).toBe(true);
    expect(gunzipSync(gzip.body).equals(plain.body)).toBe(true);
    for (const { headers, body } of [plain, br, gzip]) expect(Number(headers['content-length'])).toBe(body.length);
    expect(br.body.length).toBeLessThan(plain.body.length / 3);
    // Nobody keeps it.
    expect([br.headers['cache-control'], br.headers.vary]).toEqual(['no-store', undefined]);
  });

  test('short ones and refusals come as they are', async () => {
    const { headers, body } = await ask(gateway, 'POST', '/graphql', 'br', '{"query":"{ me }"}');
    expect([headers['content-encoding'], JSON.parse(body.toString())]).toEqual([
      undefined,
      { data: { me: 'anonymous' } },
    ]);
    const refused = await ask(gateway, 'GET', '/nowhere', 'br');
    expect([refused.status, refused.headers['content-encoding']]).toEqual([404, undefined]);
  });

  test('HEAD says what GET would, without a body; what may be kept says that it depends on the encoding', async () => {
    const [get, head] = [
      await ask(gateway, 'GET', '/metrics', 'gzip'),
      await ask(gateway, 'HEAD', `/graphql?query=${encodeURIComponent(getIntrospectionQuery())}`, 'gzip'),
    ];
    expect(gunzipSync(get.body).toString()).toContain('gateway_requests_total');
    expect(head.headers['content-encoding']).toBe('gzip');
    expect(Number(head.headers['content-length'])).toBeGreaterThan(100);
    expect(head.body).toHaveLength(0);
  });
});

test('COMPRESSION=off sends everything as it is', async () => {
  const gateway = await startTestGateway({ environment: { COMPRESSION: 'off' } });
  const { headers } = await ask(gateway, 'POST', '/graphql', 'br', LONG);
  expect([headers['content-encoding'], headers.vary]).toEqual([undefined, undefined]);
  await gateway.stop();
});
