import { argon2id, hash, verify } from 'argon2';
import type { Context } from 'kit/context';
import { settingsOf } from './config.ts';

/** OWASP's password storage sheet: Argon2id with 19 MiB, two passes, one lane. */
const PARAMETERS = { type: argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

export const PASSWORD_LENGTH = { min: 8, max: 128 } as const;

let running = 0;
const waiting: (() => void)[] = [];

/** At most so many hashes at once, so that a burst of sign-ins leaves cores and memory for everything else. */
async function inTurn<Result>(ctx: Context, work: () => Promise<Result>): Promise<Result> {
  while (running >= settingsOf(ctx).PASSWORD_HASHES_AT_ONCE)
    await new Promise<void>((resolve) => waiting.push(resolve));
  running++;
  try {
    return await work();
  } finally {
    running--;
    waiting.shift()?.();
  }
}

export const hashPassword = (ctx: Context, password: string): Promise<string> =>
  inTurn(ctx, () => hash(password, PARAMETERS));

let decoy: Promise<string> | null = null;

/** Whether the password is right. Without a hash it takes as long, and answers no. */
export async function verifyPassword(ctx: Context, stored: string | null, password: string): Promise<boolean> {
  if (password.length > PASSWORD_LENGTH.max * 2) return false;
  decoy ??= hash('no account has this password', PARAMETERS);
  const against = stored ?? (await decoy);
  const isRight = await inTurn(ctx, () => verify(against, password));
  return isRight && stored !== null;
}
