import { GraphQLError } from 'graphql';

/** Codes a client may build on. `docs/errors.md` says what to do about each. */
export type ErrorCode =
  | 'BAD_USER_INPUT'
  | 'CONFLICT'
  | 'EMAIL_UNVERIFIED'
  | 'FORBIDDEN'
  | 'IDEMPOTENCY_KEY_REUSED'
  | 'INVALID_CURSOR'
  | 'INVALID_ID'
  | 'NOT_FOUND'
  | 'PAGE_SIZE_OUT_OF_RANGE'
  | 'RATE_LIMITED'
  | 'RETRY_LATER'
  | 'SUSPENDED'
  | 'TOO_DEEP'
  | 'UNAUTHENTICATED'
  | 'VERSION_CONFLICT'
  | 'WRONG_ID_TYPE';

/** A failure a client is meant to see: its code is stable, its message says what to do. Everything else is masked. */
export class CodedError extends GraphQLError {
  readonly code: ErrorCode;
  readonly field: readonly string[] | null;

  constructor(code: ErrorCode, message: string, field: readonly string[] | null = null) {
    super(message, { extensions: { code } });
    this.code = code;
    this.field = field;
  }
}

/** One expected outcome of a mutation that is not success: `field` is the path inside `input`. */
export interface UserError {
  field: readonly string[] | null;
  message: string;
  code: ErrorCode;
}

/** Several expected outcomes at once (a form with two bad fields). Caught by `payload`, never seen by clients as a failure. */
export class UserErrors extends Error {
  readonly errors: readonly UserError[];

  constructor(errors: readonly UserError[]) {
    super(errors.map((error) => error.message).join('; '));
    this.errors = errors;
  }
}

export function notFound(what: string, id: string, field: readonly string[] | null = null): never {
  throw new CodedError('NOT_FOUND', `${what} ${JSON.stringify(id)} does not exist, or you may not see it.`, field);
}

export function badInput(field: string, message: string, code: ErrorCode = 'BAD_USER_INPUT'): never {
  throw new CodedError(code, message, [field]);
}

/** What a mutation answers as data: everything a person can mend by asking differently. */
const expected: ReadonlySet<string> = new Set<ErrorCode>([
  'BAD_USER_INPUT',
  'CONFLICT',
  'IDEMPOTENCY_KEY_REUSED',
  'INVALID_ID',
  'NOT_FOUND',
  'TOO_DEEP',
  'VERSION_CONFLICT',
  'WRONG_ID_TYPE',
]);

/** The user errors an action's failure stands for, or null where it is a failure of ours or of the caller's rights. */
export function asUserErrors(error: unknown): readonly UserError[] | null {
  if (error instanceof UserErrors) return error.errors;
  if (error instanceof CodedError && expected.has(error.code)) {
    return [{ field: error.field, message: error.message, code: error.code }];
  }
  return null;
}
