import { ConfigError } from 'kit/config';
import type { Context } from 'kit/context';
import { settingsOf } from '../config.ts';
import { lookUpOf } from '../session/place.loaders.ts';

/** Throws where what is set for signing in would never be used: nobody would notice before it is missed. */
export async function checkLoginSettings(ctx: Context): Promise<void> {
  const { CAPTCHA_VERIFY_URL: url, CAPTCHA_SECRET: secret, PLACE_LOOKUP_MODULE: module } = settingsOf(ctx);
  if ((url === undefined) !== (secret === undefined)) {
    throw new ConfigError('CAPTCHA_VERIFY_URL, CAPTCHA_SECRET: neither is of use without the other.');
  }
  if (module === undefined) return;
  await lookUpOf(module).catch((error: unknown) => {
    throw new ConfigError(`PLACE_LOOKUP_MODULE: ${module} cannot be used: ${String(error)}`);
  });
}
