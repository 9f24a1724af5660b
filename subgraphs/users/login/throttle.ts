import { addressKey } from 'kit/address';
import type { Context } from 'kit/context';
import { CodedError } from 'kit/errors';
import { settingsOf } from '../config.ts';
import { captchaOf } from './captcha.ts';

/** Tries that solved captchas open up, per minute and address: people pass, programs that buy solutions do not get far. */
const WITH_CAPTCHA = { name: 'sign-in with a captcha', points: 10, durationSeconds: 60 } as const;

/**
 * Counts a try to sign in, by address and by account and address: nobody can use up another one's tries from elsewhere.
 * Throws RATE_LIMITED; where captchas are set up, its extensions say so, and whoever solves one goes on.
 */
export async function takeSignInTry(ctx: Context, account: string, captchaAnswer: string | null): Promise<void> {
  const { limiter } = ctx.services;
  const limit = { name: 'sign-in', points: settingsOf(ctx).LIMIT_SIGN_IN_PER_MINUTE, durationSeconds: 60 };
  const address = addressKey(ctx.client.address);
  try {
    await limiter.take(limit, address);
    await limiter.take(limit, `${address}|${account}`);
  } catch (error) {
    const captcha = captchaOf(ctx);
    if (!captcha || !(error instanceof CodedError)) throw error;
    error.extensions['isCaptchaAccepted'] = true;
    if (captchaAnswer === null) throw error;
    await limiter.take(WITH_CAPTCHA, address);
    if (!(await captcha(captchaAnswer))) throw error;
  }
}
