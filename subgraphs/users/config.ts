import { positive } from 'kit/config';
import type { Context } from 'kit/context';
import { z } from 'zod';

export const config = {
  /** The first administrator, made on start where no account has this address. */
  ADMIN_EMAIL: z.email().optional(),
  ADMIN_PASSWORD: z.string().min(8).max(128).optional(),
  ADMIN_USERNAME: z.string().default('admin'),
  ACCESS_TOKEN_MINUTES: positive(15),
  REFRESH_TOKEN_DAYS: positive(7),
  LIMIT_SIGN_IN_PER_MINUTE: positive(5),
  LIMIT_REGISTER_PER_MINUTE: positive(5),
  /** Password hashes computed at once: each takes 19 MiB and a core. */
  PASSWORD_HASHES_AT_ONCE: positive(2),
};

export type Settings = z.output<z.ZodObject<typeof config>>;
export const settingsOf = (ctx: Context): Settings => ctx.services.settings as unknown as Settings;
