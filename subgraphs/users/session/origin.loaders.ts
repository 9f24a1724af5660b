import { isIPv4, isIPv6 } from 'node:net';
import { groupsOf, plainAddress } from 'kit/address';
import type { Context } from 'kit/context';
import { type Place, placeOf } from './place.loaders.ts';

/** Where a request came from, as far as anybody knows. Personal data. */
export interface Origin {
  /** `Firefox on Linux`: what is told from the user agent, without versions, which change by themselves. */
  readonly device: string;
  readonly userAgent: string;
  readonly address: string;
  /** The neighbourhood of an address, which is what a person keeps when their address changes. */
  readonly network: string;
  readonly place: Place | null;
}

const USER_AGENT_LENGTH = 300;

export async function originOf(ctx: Context): Promise<Origin> {
  const { address } = ctx.client;
  const userAgent = ctx.client.userAgent.slice(0, USER_AGENT_LENGTH).toWellFormed().replaceAll('\0', '');
  return {
    device: deviceOf(userAgent),
    userAgent,
    address,
    network: networkOf(address),
    place: await placeOf(ctx),
  };
}

const browsers: readonly (readonly [RegExp, string])[] = [
  [/\bedg(?:e|a|ios)?\//i, 'Edge'],
  [/\b(?:opr|opera)\b/i, 'Opera'],
  [/samsungbrowser/i, 'Samsung Internet'],
  [/firefox|fxios/i, 'Firefox'],
  [/chrome|crios|chromium/i, 'Chrome'],
  [/safari/i, 'Safari'],
];
const systems: readonly (readonly [RegExp, string])[] = [
  [/android/i, 'Android'],
  [/iphone|ipod/i, 'iPhone'],
  [/ipad/i, 'iPad'],
  [/windows/i, 'Windows'],
  [/cros\b/i, 'ChromeOS'],
  [/mac os|macintosh/i, 'macOS'],
  [/linux|x11/i, 'Linux'],
];

/** Programs that are no browser are called what they call themselves, without their version. */
export function deviceOf(userAgent: string): string {
  const find = (among: typeof browsers): string | undefined => among.find(([form]) => form.test(userAgent))?.[1];
  const browser = find(browsers) ?? (/^[\w .-]{1,40}/.exec(userAgent)?.[0].trim() || 'An unknown program');
  const system = find(systems);
  return system ? `${browser} on ${system}` : browser;
}

/** IPv4 by its /24, IPv6 by its /48: what one network usually is. What is no address is its own network. */
export function networkOf(address: string): string {
  const plain = plainAddress(address);
  if (isIPv4(plain)) return `${plain.split('.').slice(0, 3).join('.')}.0/24`;
  return isIPv6(plain) ? `${groupsOf(plain).slice(0, 3).join(':')}::/48` : 'unknown';
}
