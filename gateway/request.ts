import type { IncomingMessage } from 'node:http';
import type { RefusedBody } from './body.ts';
import type { GraphqlRequest } from './answer.ts';

export type ReadRequest = { readonly request: GraphqlRequest } | { readonly refused: RefusedBody };

const refuse = (message: string, status = 400, code = 'BAD_REQUEST'): ReadRequest => ({
  refused: { status, code, message },
});
const NOTHING = {};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The request a JSON body holds; `undefined` is a body that is no JSON. */
export function requestOfBody(body: unknown): ReadRequest {
  if (body === undefined) {
    const message = 'The body must be JSON, announced as Content-Type: application/json.';
    return refuse(message, 415, 'UNSUPPORTED_MEDIA_TYPE');
  }
  if (Array.isArray(body)) return refuse('One operation at a time: batches are not taken.');
  if (!isObject(body)) return refuse('The body must be a JSON object with "query".');
  const { query, operationName, variables, extensions, documentId } = body;
  if (query !== undefined && query !== null && typeof query !== 'string') return refuse('"query" must be a string.');
  if (operationName !== undefined && operationName !== null && typeof operationName !== 'string') {
    return refuse('"operationName" must be a string.');
  }
  if (variables !== undefined && variables !== null && !isObject(variables))
    return refuse('"variables" must be an object.');
  if (extensions !== undefined && extensions !== null && !isObject(extensions)) {
    return refuse('"extensions" must be an object.');
  }
  return {
    request: {
      // What may stand in its place is for the documents to say.
      query: query ?? '',
      operationName: operationName || null,
      variables: variables ?? NOTHING,
      extensions: documentId == null ? (extensions ?? NOTHING) : { ...extensions, documentId },
    },
  };
}

/** The request a GET names in its address. */
export function requestOfSearch({ headers }: IncomingMessage, search: string): ReadRequest {
  // Browsers have been known to let pages of other sites through with a type that they take for none (GHSA-9q82-xgwf-vj6h).
  if (headers['content-type'] && !/^application\/json\s*(;|$)/i.test(headers['content-type'])) {
    return refuse('A GET has no body: leave Content-Type out.', 415, 'UNSUPPORTED_MEDIA_TYPE');
  }
  const parameters = new URLSearchParams(search);
  try {
    return requestOfBody({
      query: parameters.get('query'),
      operationName: parameters.get('operationName'),
      variables: parsed(parameters.get('variables')),
      extensions: parsed(parameters.get('extensions')),
      documentId: parameters.get('documentId'),
    });
  } catch {
    return refuse('"variables" and "extensions" must be JSON.');
  }
}

const parsed = (text: string | null): unknown => (text ? (JSON.parse(text) as unknown) : null);
