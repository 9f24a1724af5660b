import { request as rawRequest } from 'node:http';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { startTestGateway, type TestGateway } from './testing/gateway.ts';

const LIMIT = 20_000;
let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway({ environment: { BODY_LIMIT_BYTES: String(LIMIT) } });
});
afterAll(() => gateway.stop());

const question = Buffer.from('{"query": "{ me }"}');
const padded = (bytes: number): Buffer => Buffer.from(JSON.stringify({ query: `{ me }${' '.repeat(bytes - 18)}` }));
const outcome = async (body: Buffer, encoding: string) => {
  const response = await gateway.post(body, { 'content-encoding': encoding });
  const { errors } = (await response.json()) as { errors?: { extensions: { code: string } }[] };
  return [response.status, errors?.[0]?.extensions.code];
};

describe.each([
  ['gzip', gzipSync],
  ['deflate', deflateSync],
  ['br', brotliCompressSync],
])('a body compressed with %s', (encoding, compress) => {
  test('is taken', async () => {
    expect(await outcome(compress(question), encoding)).toEqual([200, undefined]);
    expect(await outcome(compress(question), encoding.toUpperCase())).toEqual([200, undefined]);
  });

  test('counts as large as it is without compression', async () => {
    expect(padded(LIMIT).byteLength).toBe(LIMIT);
    expect(await outcome(compress(padded(LIMIT)), encoding)).toEqual([200, undefined]);
    expect(await outcome(compress(padded(LIMIT + 1)), encoding)).toEqual([413, 'BODY_TOO_LARGE']);
  });

  test('is refused where it is none, or is cut off', async () => {
    expect(await outcome(question, encoding)).toEqual([400, 'BAD_REQUEST']);
    expect(await outcome(Buffer.alloc(0), encoding)).toEqual([400, 'BAD_REQUEST']);
    const whole = compress(padded(2000));
    expect(await outcome(whole.subarray(0, whole.length - 9), encoding)).toEqual([400, 'BAD_REQUEST']);
  });
});

test('a bomb is not decompressed beyond the limit', async () => {
  const bomb = gzipSync(Buffer.alloc(200_000_000, ' '), { level: 9 });
  const nested = gzipSync(bomb);
  expect(nested.byteLength).toBeLessThan(LIMIT);
  const before = process.memoryUsage().rss;
  for (let times = 0; times < 5; times++) {
    // What is inside of the outer layer is no JSON, and is left as it is.
    expect(await outcome(nested, 'gzip')).toEqual([413, 'BODY_TOO_LARGE']);
    expect(await outcome(bomb.subarray(0, LIMIT), 'gzip')).toEqual([413, 'BODY_TOO_LARGE']);
  }
  expect(process.memoryUsage().rss - before).toBeLessThan(100_000_000);
});

test('layers of compression are refused, and so is what nobody knows', async () => {
  expect(await outcome(gzipSync(gzipSync(question)), 'gzip, gzip')).toEqual([415, 'UNSUPPORTED_ENCODING']);
  expect(await outcome(question, 'zstd')).toEqual([415, 'UNSUPPORTED_ENCODING']);
  expect(await outcome(question, 'constructor')).toEqual([415, 'UNSUPPORTED_ENCODING']);
  expect(await outcome(question, 'identity')).toEqual([200, undefined]);
});

test('a sender who goes away in the middle of a compressed body leaves a gateway that goes on', async () => {
  const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip', 'content-length': '1000' };
  const request = rawRequest(gateway.url, { method: 'POST', headers });
  const failed = new Promise((resolve) => request.on('error', resolve));
  request.write(gzipSync(question).subarray(0, 10));
  await new Promise((resolve) => setTimeout(resolve, 50));
  request.destroy(new Error('gone'));
  await failed;
  expect(await outcome(gzipSync(question), 'gzip')).toEqual([200, undefined]);
});
