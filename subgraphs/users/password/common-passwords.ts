import { dictionary } from '@zxcvbn-ts/language-common';
import { PASSWORD_LENGTH } from './password.length.ts';

const COUNT = 3000;

/** The most common passwords that are long enough to be taken at all, the commonest first in the list they come from. */
const common: ReadonlySet<string> = new Set(
  (dictionary['passwords-common'] as readonly string[])
    .filter((password) => [...password].length >= PASSWORD_LENGTH.min)
    .slice(0, COUNT)
    .map((password) => password.toLowerCase()),
);

/** Whether a password is one of the 3,000 most common of eight characters or more, in any case. */
export const isCommonPassword = (password: string): boolean => common.has(password.toLowerCase());
