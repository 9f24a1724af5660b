import { CodedError } from 'kit/errors';
import { kindOf, toUuid } from 'kit/ids';

/** For a cursor that reads like one of the list's and was made up. */
export function invalidCursor(): never {
  throw new CodedError('INVALID_CURSOR', 'That is no cursor of ours: pass one from `edges.cursor` or `pageInfo`.');
}

/** The uuid of an id in a cursor. Throws INVALID_CURSOR. */
export const cursorUuid = (kind: string, part: unknown): string =>
  kindOf(part) === kind ? toUuid(String(part)) : invalidCursor();
