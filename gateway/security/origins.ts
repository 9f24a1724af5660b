import type { IncomingMessage } from 'node:http';
import { ConfigError } from 'kit/config';

type Check = (request: Pick<IncomingMessage, 'headers'>) => boolean;
type IsOurs = (origin: string, host: string | undefined) => boolean;

/** As a browser writes an origin: nothing after the host and port. */
const ORIGIN = /^[a-z][\da-z+.-]*:\/\/[^\s/?#A-Z]+$/;

/** Whether a page of this origin may open a socket or read an answer. Callers without an Origin are no browsers. */
export function createOriginCheck(allowed: readonly string[]): Check {
  const isOurs = createIsOurs(originsOf(allowed));
  return ({ headers: { origin, host } }) => origin === undefined || isOurs(origin, host);
}

/**
 * The origins of the setting. Throws ConfigError for what is none: `*` would let any site a person visits act from that
 * person's network, and `null` is the origin of every sandboxed frame.
 */
function originsOf(allowed: readonly string[]): ReadonlySet<string> {
  const wrong = allowed.find((origin) => !ORIGIN.test(origin));
  if (wrong !== undefined) {
    throw new ConfigError(`ALLOWED_ORIGINS: "${wrong}" is no origin; write each as https://app.example, in lower case`);
  }
  return new Set(allowed);
}

const createIsOurs =
  (origins: ReadonlySet<string>): IsOurs =>
  (origin, host) =>
    origins.has(origin) || (host !== undefined && (origin === `http://${host}` || origin === `https://${host}`));

const PREFLIGHTED = ['apollo-require-preflight', 'x-apollo-operation-name'];

/**
 * Whether a GET can only be sent on purpose: by a page that may read the answer, by a person, or by no browser. A page of
 * any other site can make a browser send one, with its cookies and from inside its network; it could not read the answer, but
 * time it, and cost us the work.
 *
 * - Apollo's two headers and a product's own (`further`, in lower case): a browser asks for permission (preflight) before it
 *   lets another site send them.
 * - Sec-Fetch-Site, which pages cannot set: the browser's own word, over TLS and on localhost.
 * - Without it, the Origin or else the Referer: they too name the page, and no page can write another's.
 * - With none of these, a request is let in only if it is no browser's: all of those call themselves Mozilla, which a page
 *   cannot change without a preflight; and in case something on the way has rewritten that, nothing that a browser adds
 *   by itself to prove who somebody is (cookies, Basic and Negotiate credentials) may be there either.
 */
export function createDeliberateCheck(allowed: readonly string[], further: readonly string[] = []): Check {
  const isOurs = createIsOurs(originsOf(allowed));
  // What begins otherwise, a browser may send by itself or unasked.
  const proofs = [...PREFLIGHTED, ...further.filter((name) => name.startsWith('x-'))];
  return ({ headers }) => {
    if (proofs.some((name) => headers[name])) return true;
    const { origin, host, referer } = headers;
    const site = headers['sec-fetch-site'];
    if (site === 'same-origin' || site === 'none') return true;
    const page = origin ?? (site === undefined && referer ? originOf(referer) : undefined);
    if (page !== undefined) return isOurs(page, host);
    return site === undefined && !isBrowser(headers);
  };
}

/** What is no address counts as one of nobody's. */
const originOf = (address: string): string => (URL.canParse(address) ? new URL(address).origin : 'null');

function isBrowser({ cookie, authorization, 'user-agent': agent = '' }: IncomingMessage['headers']): boolean {
  if (cookie !== undefined || agent.startsWith('Mozilla/')) return true;
  return authorization !== undefined && !/^bearer /i.test(authorization);
}

export interface Cors {
  /** For an answer, names and values in turn: none for the gateway's own pages and for origins that are not allowed. */
  readonly headers: (request: IncomingMessage) => readonly string[];
  /** For a preflight, beside those; or why a page may not send what it announces. */
  readonly preflight: (request: IncomingMessage) => readonly string[] | { readonly refused: string };
}

export interface CorsHooks {
  /** Request headers, in lower case. */
  readonly headers?: readonly string[];
  /** Methods beside GET, HEAD and POST. */
  readonly methods?: readonly string[];
  /** Whether they may send cookies along. */
  readonly hasCredentials?: boolean;
}

/** CORS for the allowed origins: each is named to itself, with cookies only where a product reads some. */
export function createCors(allowed: readonly string[], hooks: CorsHooks = {}): Cors {
  const methods = [...new Set([...METHODS, ...(hooks.methods ?? [])])];
  const sendable = [...SENDABLE, ...(hooks.headers ?? [])].sort();
  const credentials = hooks.hasCredentials ? ['access-control-allow-credentials', 'true'] : [];
  const permission = permissionFor(methods, sendable);
  const origins = originsOf(allowed);
  const isOurs = createIsOurs(origins);
  // Caches must not hand one origin's answer to another.
  const none: readonly string[] = origins.size === 0 ? [] : ['vary', 'origin'];
  const byOrigin = new Map(
    [...origins].map((origin) => [
      origin,
      [...none, 'access-control-allow-origin', origin, ...credentials, 'access-control-expose-headers', READABLE],
    ]),
  );
  return {
    headers: ({ headers: { origin } }) => (origin === undefined ? none : (byOrigin.get(origin) ?? none)),
    preflight: ({ headers }) => {
      const { origin = '', host } = headers;
      if (!isOurs(origin, host)) return { refused: 'Pages of this origin may not ask here.' };
      const method = headers['access-control-request-method'] ?? '';
      if (!methods.includes(method)) return { refused: `Pages may send ${methods.join(', ')}.` };
      const asked = (headers['access-control-request-headers'] ?? '')
        .split(',')
        .map((name) => name.trim().toLowerCase());
      const isAllowed = asked.every((name) => name === '' || sendable.includes(name));
      return isAllowed ? permission : { refused: `Pages may send these headers: ${sendable.join(', ')}.` };
    },
  };
}

const METHODS = ['GET', 'HEAD', 'POST'];
/** `accept` needs permission once it is long or has quotes, as for multipart subscriptions. */
const SENDABLE = [
  'accept',
  'apollo-require-preflight',
  'apollographql-client-name',
  'apollographql-client-version',
  'authorization',
  'content-type',
  'last-event-id',
  'traceparent',
  'tracestate',
  'x-apollo-operation-name',
  'x-request-id',
];
const READABLE = [
  'age',
  'allow',
  'etag',
  'ratelimit',
  'ratelimit-limit',
  'ratelimit-policy',
  'ratelimit-remaining',
  'ratelimit-reset',
  'retry-after',
  'x-request-id',
].join(', ');
const permissionFor = (methods: readonly string[], sendable: readonly string[]): readonly string[] =>
  Object.entries({
    'access-control-allow-methods': methods.join(', '),
    'access-control-allow-headers': sendable.join(', '),
    'access-control-max-age': '600',
  }).flat();
