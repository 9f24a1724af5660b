import { isIP, isIPv4 } from 'node:net';

const MAPPED = '0:0:0:0:0:ffff';
/** RFC 6052: how clients of IPv4 alone reach a server of IPv6 alone. */
const TRANSLATED = '64:ff9b:0:0:0:0';

/**
 * By what an address is counted: IPv4 whole, IPv6 by its /64, which is what one customer has. An IPv4 address inside an
 * IPv6 one counts as itself, however it is written. What is no address counts with all others of that kind.
 */
export function addressKey(address: string): string {
  const plain = plainAddress(address);
  if (isIPv4(plain)) return plain;
  return plain === '' ? 'unknown' : `${groupsOf(plain).slice(0, 4).join(':')}::/64`;
}

/** An address without zone, and as IPv4 where it is one written as IPv6; empty where it is none. */
export function plainAddress(address: string): string {
  if (isIPv4(address)) return address;
  const withoutZone = address.split('%', 1)[0] ?? '';
  if (isIP(withoutZone) !== 6) return '';
  const groups = groupsOf(withoutZone);
  const network = groups.slice(0, 6).join(':');
  return network === MAPPED || network === TRANSLATED ? dotted(groups) : withoutZone;
}

/** The eight groups of a valid IPv6 address, without leading zeros. */
export function groupsOf(address: string): readonly string[] {
  const [before = [], after] = address.toLowerCase().split('::').map(partsOf);
  if (!after) return before;
  return [...before, ...Array.from({ length: 8 - before.length - after.length }, () => '0'), ...after];
}

function partsOf(text: string): readonly string[] {
  if (text === '') return [];
  return text.split(':').flatMap((part) => {
    if (!part.includes('.')) return [Number.parseInt(part, 16).toString(16)];
    const [a = 0, b = 0, c = 0, d = 0] = part.split('.').map(Number);
    return [(a * 256 + b).toString(16), (c * 256 + d).toString(16)];
  });
}

function dotted(groups: readonly string[]): string {
  const [high = 0, low = 0] = groups.slice(6).map((group) => Number.parseInt(group, 16));
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}
