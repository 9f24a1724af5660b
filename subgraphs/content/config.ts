import { positive } from 'kit/config';
import type { Context } from 'kit/context';
import { type z } from 'zod';

export const config = {
  LIMIT_POSTS_PER_HOUR: positive(5),
  /** Administrators who import a library have a quota of their own. */
  LIMIT_IMPORTS_PER_HOUR: positive(5000),
  /** Of Markdown that one person saves over earlier versions: each save renders all of its text, and indexes it. */
  LIMIT_SAVED_CHARACTERS_PER_HOUR: positive(5_000_000),
  LIMIT_COMMUNITIES_PER_DAY: positive(5),
};

export type Settings = z.output<z.ZodObject<typeof config>>;
export const settingsOf = (ctx: Context): Settings => ctx.services.settings as unknown as Settings;
