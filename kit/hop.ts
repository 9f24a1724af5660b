import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import type { Client, Viewer } from './viewer.ts';

/** One event that a session has caused and must be able to read back: consumers of `type` wait for `id`. */
export interface EmittedEvent {
  readonly id: string;
  readonly type: string;
}

/** What travels, signed, from the gateway to a subgraph with every request. */
export interface Hop {
  readonly viewer: Viewer;
  readonly requestId: string;
  readonly client: Client;
  /** Events of this session's last seconds, for reading one's own writes across subgraphs. */
  readonly after: readonly EmittedEvent[];
}

export const HOP_HEADER = 'x-broadsheet-hop';
/** Long enough for a slow hop and a clock half a minute off, short enough that a stolen token is worth little. */
const LIFETIME_SECONDS = 30;

const digest = (body: string | Uint8Array): string => hash('sha256', body, 'base64url');
const sign = (secret: string, payload: string): string =>
  createHmac('sha256', secret).update(payload).digest('base64url');

/** `payload.signature`, valid for `audience` (a subgraph's name) and for exactly this body. */
export function signHop(secret: string, audience: string, hop: Hop, body: string, now = Date.now()): string {
  const claims = { ...hop, audience, body: digest(body), exp: Math.floor(now / 1000) + LIFETIME_SECONDS };
  const payload = Buffer.from(JSON.stringify(claims)).toString('base64url');
  return `${payload}.${sign(secret, payload)}`;
}

/** The hop a token carries, or null where the signature, audience, body or time is wrong. */
export function verifyHop(
  secret: string,
  audience: string,
  token: string | undefined,
  body: string | Uint8Array,
  now = Date.now(),
): Hop | null {
  const [payload, signature, ...rest] = token?.split('.') ?? [];
  if (!payload || !signature || rest.length > 0) return null;
  const expected = Buffer.from(sign(secret, payload));
  const given = Buffer.from(signature);
  if (expected.length !== given.length || !timingSafeEqual(expected, given)) return null;
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Hop & {
    audience: string;
    body: string;
    exp: number;
  };
  const age = claims.exp - now / 1000;
  if (claims.audience !== audience || claims.body !== digest(body) || age < 0 || age > 2 * LIFETIME_SECONDS)
    return null;
  return { viewer: claims.viewer, requestId: claims.requestId, client: claims.client, after: claims.after };
}
