import type { Context } from 'kit/context';
import { z } from 'zod';
import { settingsOf } from '../config.ts';

/** Says whether an answer was made by somebody who solved the captcha. */
export type Captcha = (answer: string) => Promise<boolean>;

const LONGEST_ANSWER = 4000;
const TIMEOUT_MS = 3000;
const verdict = z.object({ success: z.boolean() });

/** The captcha that the settings name, by the protocol that hCaptcha, Turnstile and reCAPTCHA share; null where they name none. */
export function captchaOf(ctx: Context): Captcha | null {
  const { CAPTCHA_VERIFY_URL: url, CAPTCHA_SECRET: secret } = settingsOf(ctx);
  if (url === undefined || secret === undefined) return null;
  return async (answer) => {
    if (answer === '' || answer.length > LONGEST_ANSWER) return false;
    const body = new URLSearchParams({ secret, response: answer, remoteip: ctx.client.address });
    try {
      const response = await fetch(url, {
        method: 'POST',
        body,
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      return verdict.parse(await response.json()).success;
    } catch (error) {
      ctx.log.warn({ err: error }, 'the captcha service does not answer: nobody passes by it');
      return false;
    }
  };
}
