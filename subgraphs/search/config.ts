import type { Context } from 'kit/context';
import { z } from 'zod';

export const config = {
  /** Elasticsearch 8 answers searches; PostgreSQL where it is not set. */
  ELASTICSEARCH_URL: z.url().optional(),
  /** Name of the alias, and the beginning of the names of the indexes behind it. */
  ELASTICSEARCH_INDEX: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,60}$/, 'lower-case letters, digits and dashes')
    .default('broadsheet'),
};

export type Settings = z.output<z.ZodObject<typeof config>>;
export const settingsOf = (ctx: Context): Settings => ctx.services.settings as unknown as Settings;
