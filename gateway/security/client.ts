import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
import { randomUUID } from 'node:crypto';
import { plainAddress } from 'kit/address';
import { ConfigError } from 'kit/config';
import type { Client } from 'kit/viewer';
import { forwardedAddress } from './forwarded-address.ts';

const SANE_REQUEST_ID = /^[\w-]{8,64}$/;
const USER_AGENT_LENGTH = 300;

/** The caller's own request id where it is harmless in logs and headers, else a new one. */
export function requestIdOf(request: IncomingMessage): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && SANE_REQUEST_ID.test(given) ? given : randomUUID();
}

/** What proxies write where they do not know: no country has these codes. */
const NOWHERE: ReadonlySet<string> = new Set(['XX', 'ZZ']);

/**
 * Reads where a request came from. X-Forwarded-For counts only from a trusted proxy, and then only its last hop that is no trusted proxy
 * itself: what a client writes in front of it is a claim. So is `placeHeader`, unless it was a trusted proxy that spoke to us.
 * Throws ConfigError for a range that is none, and for a header that nobody could be trusted for.
 */
export function createClientReader(
  trustedProxies: readonly string[],
  placeHeader: string | null = null,
): (request: IncomingMessage) => Client {
  const trusted = trustedProxies.length > 0 ? blockListOf(trustedProxies) : null;
  if (placeHeader !== null && !trusted)
    throw new ConfigError('PLACE_HEADER: it is believed from TRUSTED_PROXIES alone; set these too');
  return (request) => {
    const socketAddress = plainAddress(request.socket.remoteAddress ?? '');
    const address = trusted
      ? forwardedAddress(socketAddress, request.headers['x-forwarded-for'], (hop) => isIn(trusted, hop))
      : socketAddress;
    const userAgent = (request.headers['user-agent'] ?? '').slice(0, USER_AGENT_LENGTH);
    const place =
      placeHeader !== null && trusted && isIn(trusted, socketAddress) ? countryIn(request, placeHeader) : null;
    return place === null ? { address, userAgent } : { address, userAgent, place };
  };
}

/** Two letters and nothing else: a header that came twice, or was half overwritten, is none. */
function countryIn({ headers }: IncomingMessage, name: string): string | null {
  const country = String(headers[name] ?? '')
    .trim()
    .toUpperCase();
  return /^[A-Z]{2}$/.test(country) && !NOWHERE.has(country) ? country : null;
}

function blockListOf(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', prefix, ...more] = range.split('/');
    const version = isIP(address);
    if (version === 0 || more.length > 0 || !isPrefix(prefix, version === 6 ? 128 : 32))
      throw new ConfigError(`TRUSTED_PROXIES: "${range}" is no address and no CIDR range`);
    const family = version === 6 ? 'ipv6' : 'ipv4';
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  return list;
}

/** An empty one would be 0, and trust everybody. */
const isPrefix = (prefix: string | undefined, longest: number): boolean =>
  prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= longest);

const isIn = (list: BlockList, address: string): boolean =>
  isIP(address) !== 0 && list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
