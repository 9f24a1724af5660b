import type { IncomingMessage } from 'node:http';

/** Whether a page of this origin may open a socket or read an answer. Callers without an Origin are no browsers. */
export function createOriginCheck(allowed: readonly string[]): (request: IncomingMessage) => boolean {
  const origins = new Set(allowed);
  return ({ headers: { origin, host } }) => {
    if (origin === undefined || origins.has(origin)) return true;
    return host !== undefined && (origin === `http://${host}` || origin === `https://${host}`);
  };
}

/** The CORS headers for a request, names and values in turn: none for the gateway's own pages and for origins that are not allowed. */
export function createCors(allowed: readonly string[]): (request: IncomingMessage) => readonly string[] {
  const origins = new Set(allowed);
  const none: readonly string[] = origins.size === 0 ? [] : ['vary', 'origin'];
  return ({ headers: { origin } }) => {
    if (origin === undefined || !origins.has(origin)) return none;
    return [...none, 'access-control-allow-origin', origin, ...CORS];
  };
}

const CORS = Object.entries({
  'access-control-allow-methods': 'GET, POST',
  'access-control-allow-headers':
    'authorization, content-type, x-request-id, x-apollo-operation-name, apollo-require-preflight, last-event-id',
  'access-control-expose-headers': 'x-request-id, ratelimit, ratelimit-policy, retry-after',
  'access-control-max-age': '600',
}).flat();
