import { STATUS_CODES } from 'node:http';
import type { GraphQLFormattedError } from 'graphql';

/** Problem details (RFC 9457) with the codes that GraphQL answers have. */
export interface Problem {
  readonly type: 'about:blank';
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly requestId: string;
  readonly retryAfterSeconds?: number;
  readonly errors?: readonly FieldProblem[];
}

export interface FieldProblem {
  /** Where in the body (RFC 6901); null where it is about all of it. */
  readonly pointer: string | null;
  readonly detail: string;
  readonly code: string;
}

export const PROBLEM_TYPE = 'application/problem+json';

/** What is only wrong about the request has 400, what it is about 422: it was understood, and cannot be done so. */
const STATUSES: Readonly<Record<string, number>> = {
  BAD_USER_INPUT: 422,
  CONFLICT: 409,
  FORBIDDEN: 403,
  IDEMPOTENCY_KEY_REUSED: 422,
  INTERNAL_SERVER_ERROR: 500,
  INVALID_ID: 404,
  NOT_FOUND: 404,
  OVERLOADED: 503,
  POLICY_CHECK_FAILED: 503,
  RATE_LIMITED: 429,
  RETRY_LATER: 503,
  SUBGRAPH_TIMEOUT: 504,
  SUBGRAPH_UNAVAILABLE: 503,
  UNAUTHENTICATED: 401,
  UNAUTHORIZED_FIELD_OR_TYPE: 403,
  VERSION_CONFLICT: 409,
  WRONG_ID_TYPE: 404,
};
const SUBGRAPH_FAILED = 502;

export type StatusOf = (code: string) => number;

/** The status of an error that came of running an operation. */
export function createStatusOf(further: Readonly<Record<string, number>> = {}): StatusOf {
  const statuses = { ...STATUSES, ...further };
  return (code) => statuses[code] ?? (code.startsWith('SUBGRAPH_') ? SUBGRAPH_FAILED : 400);
}

export function problemOf(error: GraphQLFormattedError, status: number, requestId: string): Problem {
  const { code = 'INTERNAL_SERVER_ERROR', retryAfterSeconds } = error.extensions ?? {};
  return {
    ...{ type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status },
    ...{ detail: error.message, code: String(code), requestId },
    ...(typeof retryAfterSeconds === 'number' ? { retryAfterSeconds } : {}),
  };
}

/** What a payload says of why nothing was done. */
interface UserError {
  readonly field?: readonly string[] | null;
  readonly message?: string;
  readonly code?: string;
  readonly retryAfterSeconds?: number | null;
}

/** The problem that a payload's `userErrors` stand for; null where there are none. */
export function userProblem(payload: unknown, statusOf: StatusOf, requestId: string): Problem | null {
  const { userErrors } = (payload ?? {}) as { readonly userErrors?: readonly UserError[] | null };
  const [first] = userErrors ?? [];
  if (!userErrors || !first) return null;
  const { message = 'It was not done.', code = 'BAD_USER_INPUT' } = first;
  // A code of which nothing is known is an outcome like the others here, and no fault of the request's form.
  const known = statusOf(code);
  const status = known === 400 ? 422 : known;
  const wait = Math.max(0, ...userErrors.map(({ retryAfterSeconds }) => retryAfterSeconds ?? 0));
  const extensions = { code, ...(wait > 0 ? { retryAfterSeconds: wait } : {}) };
  return { ...problemOf({ message, extensions }, status, requestId), errors: userErrors.map(fieldProblem) };
}

const fieldProblem = ({ field, message = '', code = 'BAD_USER_INPUT' }: UserError): FieldProblem => ({
  pointer: field ? `/${field.map(escaped).join('/')}` : null,
  detail: message,
  code,
});

const escaped = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1');
