import type { IncomingMessage } from 'node:http';
import type { RefusedBody } from './body.ts';
import type { GraphqlRequest } from './pipeline.ts';

export type ReadRequest = { readonly request: GraphqlRequest } | { readonly refused: RefusedBody };

const refuse = (message: string): ReadRequest => ({ refused: { status: 400, code: 'BAD_REQUEST', message } });
const NOTHING = {};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The request a JSON body holds; `undefined` is a body that is no JSON. */
export function requestOfBody(body: unknown): ReadRequest {
  if (body === undefined) return refuse('The body must be JSON, announced as Content-Type: application/json.');
  if (Array.isArray(body)) return refuse('One operation at a time: batches are not taken.');
  if (!isObject(body)) return refuse('The body must be a JSON object with "query".');
  const { query, operationName, variables, extensions } = body;
  if (query !== undefined && query !== null && typeof query !== 'string') return refuse('"query" must be a string.');
  if (operationName !== undefined && operationName !== null && typeof operationName !== 'string') {
    return refuse('"operationName" must be a string.');
  }
  if (variables !== undefined && variables !== null && !isObject(variables))
    return refuse('"variables" must be an object.');
  if (extensions !== undefined && extensions !== null && !isObject(extensions)) {
    return refuse('"extensions" must be an object.');
  }
  if (!query) return refuse('There is no "query" to run.');
  return {
    request: {
      query,
      operationName: operationName || null,
      variables: variables ?? NOTHING,
      extensions: extensions ?? NOTHING,
    },
  };
}

/** The request a GET names in its address. */
export function requestOfSearch({ headers }: IncomingMessage, search: string): ReadRequest {
  // A plain link or image of another site carries cookies, but not these headers.
  if (!headers['x-apollo-operation-name'] && !headers['apollo-require-preflight']) {
    return refuse('A GET needs the header Apollo-Require-Preflight, so that no other site can make a browser send it.');
  }
  const parameters = new URLSearchParams(search);
  try {
    return requestOfBody({
      query: parameters.get('query'),
      operationName: parameters.get('operationName'),
      variables: parsed(parameters.get('variables')),
      extensions: parsed(parameters.get('extensions')),
    });
  } catch {
    return refuse('"variables" and "extensions" must be JSON.');
  }
}

const parsed = (text: string | null): unknown => (text ? (JSON.parse(text) as unknown) : null);
