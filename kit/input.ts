import { CodedError, type UserError, UserErrors } from './errors.ts';
import { checkId, type Id } from './ids.ts';

export interface TextBounds {
  readonly min: number;
  readonly max: number;
  /** Line breaks and tabs are fine in a body, not in a name. */
  readonly isMultiline?: boolean;
}

export interface InputChecks {
  /** Text in NFC without spaces around it. Lengths count code points. */
  readonly text: (field: string, value: string, bounds: TextBounds) => string;
  readonly id: (field: string, kind: string, value: string) => Id;
  readonly that: (field: string, holds: boolean, message: string, code?: UserError['code']) => void;
  readonly add: (errors: readonly UserError[]) => void;
}

// Control characters, lone surrogates, and the invisible ones that turn text round or hide in it.
const FORBIDDEN = /[\p{Cc}\p{Cs}\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]/u;
const FORBIDDEN_MULTILINE = /(?![\t\n\r])[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/u;

/** Reads a mutation's input and reports every field that is wrong at once. Throws UserErrors. */
export function checkInput<Result>(read: (check: InputChecks) => Result): Result {
  const errors: UserError[] = [];
  const report = (field: string, message: string, code: UserError['code'] = 'BAD_USER_INPUT'): void => {
    errors.push({ field: [field], message, code });
  };
  const result = read({
    text: (field, value, bounds) => {
      const clean = value.normalize('NFC').trim();
      const problem = textProblem(clean, bounds);
      if (problem) report(field, `${field} ${problem}.`);
      return clean;
    },
    id: (field, kind, value) => {
      try {
        return checkId(kind, value, field);
      } catch (error) {
        if (error instanceof CodedError) report(field, error.message, error.code);
        return value;
      }
    },
    that: (field, holds, message, code) => {
      if (!holds) report(field, message, code);
    },
    add: (more) => errors.push(...more),
  });
  if (errors.length > 0) throw new UserErrors(errors);
  return result;
}

function textProblem(text: string, { min, max, isMultiline }: TextBounds): string | null {
  // Cheap first: a text of megabytes is not spread into code points.
  const length = text.length > 2 * max ? text.length : [...text].length;
  if (length > max) return `is at most ${max} characters long`;
  if (length < min) return min === 1 ? 'must not be empty' : `is at least ${min} characters long`;
  if ((isMultiline ? FORBIDDEN_MULTILINE : FORBIDDEN).test(text)) return 'holds characters that cannot be shown';
  return null;
}
