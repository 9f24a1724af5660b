import { argon2id, hash, needsRehash, verify } from 'argon2';
import type { Context } from 'kit/context';
import { CodedError } from 'kit/errors';
import { settingsOf } from './config.ts';
import { isCommonPassword } from './password/common-passwords.ts';
import { PASSWORD_LENGTH } from './password/password.length.ts';

/** Argon2id as OWASP's password storage sheet has it (19 MiB, two passes, one lane), unless the settings say more. */
const parametersOf = (ctx: Context) => {
  const { PASSWORD_MEMORY_KIB: memoryCost, PASSWORD_PASSES: timeCost } = settingsOf(ctx);
  return { type: argon2id, memoryCost, timeCost, parallelism: 1 } as const;
};

/** What is wrong with a new password, as the end of a sentence; null where nothing is. Any characters are fine, in any mix. */
export function passwordProblem(password: string): string | null {
  const { min, max } = PASSWORD_LENGTH;
  const length = password.length > 2 * max ? Infinity : [...password].length;
  if (length < min || length > max) return `is ${min} to ${max} characters long`;
  return isCommonPassword(password) ? 'is one of those that everybody tries first; take another' : null;
}

let running = 0;
const waiting: (() => void)[] = [];

/**
 * At most so many hashes at once, so that a burst of sign-ins leaves cores and memory for everything else; and so many in the
 * queue, so that nobody waits for what they have given up on. Throws RETRY_LATER.
 */
async function inTurn<Result>(ctx: Context, work: () => Promise<Result>): Promise<Result> {
  const { PASSWORD_HASHES_AT_ONCE, PASSWORD_HASHES_WAITING } = settingsOf(ctx);
  if (running >= PASSWORD_HASHES_AT_ONCE) {
    if (waiting.length >= PASSWORD_HASHES_WAITING) throw tooMany();
    // Whoever ends hands their place on: it is never free in between.
    await new Promise<void>((resolve) => waiting.push(resolve));
  } else running++;
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next) next();
    else running--;
  }
}

function tooMany(): CodedError {
  const error = new CodedError('RETRY_LATER', 'Too many are signing in right now; try again in a few seconds.');
  error.extensions['retryAfterSeconds'] = 3;
  return error;
}

export const hashPassword = (ctx: Context, password: string): Promise<string> =>
  inTurn(ctx, () => hash(password, parametersOf(ctx)));

const decoys = new Map<string, Promise<string>>();

/** The hash of nobody's password, as costly as everybody's. */
function decoyOf(ctx: Context): Promise<string> {
  const parameters = parametersOf(ctx);
  const key = `${parameters.memoryCost}:${parameters.timeCost}`;
  const decoy = decoys.get(key) ?? hash('no account has this password', parameters);
  decoys.set(key, decoy);
  return decoy;
}

/** Whether the password is right. Without a hash it takes as long, and answers no. Throws RETRY_LATER when too many wait. */
export async function verifyPassword(ctx: Context, stored: string | null, password: string): Promise<boolean> {
  if (password.length > PASSWORD_LENGTH.max * 2) return false;
  const decoy = await decoyOf(ctx);
  const isRight = await inTurn(ctx, () => verify(stored ?? decoy, password));
  return isRight && stored !== null;
}

/** Whether a hash was made at another cost than the settings' of now. */
export const isOutdatedHash = (ctx: Context, stored: string): boolean => needsRehash(stored, parametersOf(ctx));
