import { once } from 'node:events';
import { createServer, request as ask } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConfigError } from 'kit/config';
import type { Client } from 'kit/viewer';
import { createClientReader } from './client.ts';

/** What the reader makes of a request with these headers, sent from this very machine. */
async function clientOf(
  read: ReturnType<typeof createClientReader>,
  headers: Readonly<Record<string, string | string[]>>,
): Promise<Client> {
  let client: Client | null = null;
  const server = createServer((request, response) => {
    client = read(request);
    response.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const [response] = (await once(ask({ port, host: '127.0.0.1', headers, agent: false }).end(), 'response')) as [
    NodeJS.ReadableStream,
  ];
  response.resume();
  await once(response, 'end');
  server.close();
  return client ?? { address: 'none', userAgent: '' };
}

const behind = createClientReader(['127.0.0.1'], 'cf-ipcountry');

test('a country is believed from a trusted proxy, and from nobody else', async () => {
  const headers = { 'cf-ipcountry': 'PT', 'x-forwarded-for': '203.0.113.7' };
  expect(await clientOf(behind, headers)).toEqual({ address: '203.0.113.7', userAgent: '', place: 'PT' });
  const elsewhere = createClientReader(['10.0.0.0/8'], 'cf-ipcountry');
  expect(await clientOf(elsewhere, headers)).toEqual({ address: '127.0.0.1', userAgent: '' });
});

test('without the setting no header says where anybody is', async () => {
  const read = createClientReader(['127.0.0.1']);
  expect(await clientOf(read, { 'cf-ipcountry': 'PT' })).not.toHaveProperty('place');
});

test.each([
  [' pt ', 'PT'],
  ['XX', undefined],
  ['T1', undefined],
  ['', undefined],
  ['PT, BR', undefined],
  [['PT', 'BR'], undefined],
  ['Portugal', undefined],
  ['<b', undefined],
])('of %p the place is %p', async (header, place) => {
  expect((await clientOf(behind, { 'cf-ipcountry': header })).place).toBe(place);
});

test('a header that nobody could be trusted for stops the start', () => {
  expect(() => createClientReader([], 'cf-ipcountry')).toThrow('TRUSTED_PROXIES');
});

test.each([
  '10.0.0.0/',
  '10.0.0.0/ ',
  '10.0.0.0/8/8',
  '10.0.0.0/33',
  '10.0.0.0/8.5',
  '10.0.0.0/-1',
  'fd00::/129',
  'all',
])('a trusted proxy at "%s" stops the start', (range) => {
  const wrong = `TRUSTED_PROXIES: "${range}" is no address and no CIDR range`;
  expect(() => createClientReader([range])).toThrow(new ConfigError(wrong));
});

test.each(['127.0.0.1/32', '127.0.0.0/8', '0.0.0.0/0', '::ffff:127.0.0.1/128'])('%s is a range', async (range) => {
  const read = createClientReader([range]);
  expect((await clientOf(read, { 'x-forwarded-for': '203.0.113.7' })).address).toBe('203.0.113.7');
});
