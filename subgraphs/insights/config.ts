import { positive } from 'kit/config';
import type { Context } from 'kit/context';
import type { z } from 'zod';

export const config = {
  /** For each person, and for each address that nobody is signed in at. */
  LIMIT_TRACKED_EVENTS_PER_MINUTE: positive(120),
};

export type Settings = z.output<z.ZodObject<typeof config>>;
export const settingsOf = (ctx: Context): Settings => ctx.services.settings as unknown as Settings;
