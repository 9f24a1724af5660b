import { addressKey, forwardedAddress, plainAddress } from './address.ts';

test.each([
  ['203.0.113.7', '203.0.113.7'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['::FFFF:CB00:7107', '203.0.113.7'],
  ['0:0:0:0:0:ffff:203.0.113.7', '203.0.113.7'],
  ['64:ff9b::203.0.113.7', '203.0.113.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:0DB8:0001:0002::', '2001:db8:1:2::/64'],
  ['2001:db8:1:3::1', '2001:db8:1:3::/64'],
  ['2001:db8::1:2:3:4:5', '2001:db8:0:1::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['::', '0:0:0:0::/64'],
  ['', 'unknown'],
  ['203.0.113.256', 'unknown'],
  ['203.0.113.7, 203.0.113.8', 'unknown'],
  ['__proto__', 'unknown'],
])('%s is counted as %s', (address, key) => {
  expect(addressKey(address)).toBe(key);
});

test('an address is as it was, unless it is another in disguise', () => {
  expect(plainAddress('2001:DB8::1')).toBe('2001:DB8::1');
  expect(plainAddress('::ffff:10.0.0.1')).toBe('10.0.0.1');
  expect(plainAddress('localhost')).toBe('');
});

describe('behind proxies', () => {
  const isTrusted = (address: string) => address.startsWith('10.');
  const from = (socket: string, header?: string | string[]) => forwardedAddress(socket, header, isTrusted);

  test('the nearest hop that is no proxy is the client', () => {
    expect(from('10.0.0.1', '203.0.113.7')).toBe('203.0.113.7');
    expect(from('10.0.0.1', '203.0.113.7, 10.0.0.2')).toBe('203.0.113.7');
    expect(from('::ffff:10.0.0.1', ['203.0.113.7', '10.0.0.3, 10.0.0.2'])).toBe('203.0.113.7');
    expect(from('10.0.0.1', '203.0.113.7:5678')).toBe('203.0.113.7');
    expect(from('10.0.0.1', '[2001:db8::1]:5678')).toBe('2001:db8::1');
  });
  test('what the client claims is not read', () => {
    expect(from('10.0.0.1', '198.51.100.1, 203.0.113.7')).toBe('203.0.113.7');
    expect(from('203.0.113.7', '198.51.100.1')).toBe('203.0.113.7');
    expect(from('10.0.0.1', '198.51.100.1, nonsense')).toBe('10.0.0.1');
    expect(from('10.0.0.1', `198.51.100.1${', 10.0.0.9'.repeat(10_000)}`)).toBe('10.0.0.9');
  });
  test('a proxy that says nothing is itself', () => {
    expect(from('10.0.0.1')).toBe('10.0.0.1');
    expect(from('10.0.0.1', '')).toBe('10.0.0.1');
  });
});
