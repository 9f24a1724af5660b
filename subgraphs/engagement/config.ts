import { positive } from 'kit/config';
import type { Context } from 'kit/context';
import type { z } from 'zod';

export const config = {
  LIMIT_COMMENTS_PER_HOUR: positive(30),
  LIMIT_VOTES_PER_HOUR: positive(100),
};

export type Settings = z.output<z.ZodObject<typeof config>>;
export const settingsOf = (ctx: Context): Settings => ctx.services.settings as unknown as Settings;
