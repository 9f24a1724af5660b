import { isIPv4, isIPv6 } from 'node:net';

/** By what an address is counted: IPv4 whole, IPv6 by its /64, which is what one customer has. */
export function addressKey(address: string): string {
  const plain = plainAddress(address);
  if (isIPv4(plain)) return plain;
  return isIPv6(plain) ? `${groupsOf(plain).slice(0, 4).join(':')}::/64` : 'unknown';
}

/** Without a zone, and as IPv4 where it is one written as IPv6. */
export const plainAddress = (address: string): string =>
  (address.split('%', 1)[0] ?? '').toLowerCase().replace(/^::ffff:(?=[\d.]+$)/, '');

/** The first groups of an IPv6 address, as many as stand before what is left out and zeros after them. */
export function groupsOf(address: string): string[] {
  const [before = '', after] = address.split('::');
  const groups = before === '' ? [] : before.split(':');
  const tail = after ? after.split(':') : [];
  const zeros = after === undefined ? 0 : Math.max(0, 8 - groups.length - tail.length);
  return [...groups, ...Array.from({ length: zeros }, () => '0'), ...tail].map((group) =>
    group.replace(/^0+(?=.)/, ''),
  );
}
