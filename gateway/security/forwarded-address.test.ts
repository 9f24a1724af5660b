import { forwardedAddress } from './forwarded-address.ts';

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
