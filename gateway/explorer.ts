import { ruruHTML } from 'ruru/server';
import { getStaticFile } from 'ruru/static';
import { send, sendError, type Exchange, type Handler } from './http.ts';

export const EXPLORER_FILES = '/explorer/files/';

/** Everything comes from here: the policy is what makes a forgotten address elsewhere fail instead of load. */
const POLICY = [
  "default-src 'self'",
  "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
  "style-src 'self' 'unsafe-inline'",
  "connect-src 'self' ws: wss:",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "worker-src 'self' blob:",
  "frame-ancestors 'none'",
].join('; ');

/** GraphiQL, out of this installation's own files; works without a network. */
export function explorerPage(graphqlPath: string): Handler {
  const html = ruruHTML({
    staticPath: EXPLORER_FILES,
    endpoint: graphqlPath,
    subscriptionEndpoint: graphqlPath,
  });
  const headers = { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': POLICY };
  return (exchange) => {
    send(exchange, 200, headers, html);
    return Promise.resolve();
  };
}

export const explorerFiles: Handler = async (exchange) => {
  const { path, request } = exchange;
  const acceptEncoding = request.headers['accept-encoding'];
  const file = await getStaticFile({
    staticPath: EXPLORER_FILES,
    urlPath: path,
    acceptEncoding,
    disallowDevAssets: true,
  });
  if (!file) return sendError(exchange, 404, 'NOT_FOUND', 'There is no such file.');
  if (file.headers['etag'] === request.headers['if-none-match']) return send(exchange, 304, {}, '');
  // The length is told once, by the one who sends.
  const headers = Object.fromEntries(
    Object.entries(file.headers).filter(([name]) => name.toLowerCase() !== 'content-length'),
  );
  // A worker lives by the policy of its own file.
  const further = { 'cache-control': 'public, max-age=3600', 'content-security-policy': POLICY };
  send(exchange, 200, { ...headers, ...further }, file.content);
};

/** A browser that opens the endpoint itself, as opposed to a client that asks with GET. */
export const wantsExplorer = ({ method, request, search }: Exchange): boolean =>
  method === 'GET' && (request.headers.accept ?? '').includes('text/html') && !new URLSearchParams(search).has('query');
