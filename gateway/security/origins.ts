import type { IncomingMessage } from 'node:http';

/** Whether a page of this origin may open a socket or read an answer. Callers without an Origin are no browsers. */
export function createOriginCheck(allowed: readonly string[]): (request: IncomingMessage) => boolean {
  const origins = new Set(allowed);
  return ({ headers: { origin, host } }) => {
    if (origin === undefined || origins.has(origin)) return true;
    return host !== undefined && (origin === `http://${host}` || origin === `https://${host}`);
  };
}

/** The CORS headers for a request: none for the gateway's own pages and for origins that are not allowed. */
export function createCors(allowed: readonly string[]): (request: IncomingMessage) => Record<string, string> {
  const origins = new Set(allowed);
  return ({ headers: { origin } }) => {
    if (origins.size === 0) return {};
    if (origin === undefined || !origins.has(origin)) return { vary: 'origin' };
    return {
      vary: 'origin',
      'access-control-allow-origin': origin,
      'access-control-allow-methods': 'GET, POST',
      'access-control-allow-headers': 'authorization, content-type, x-request-id, x-apollo-operation-name',
      'access-control-expose-headers': 'x-request-id',
      'access-control-max-age': '600',
    };
  };
}
