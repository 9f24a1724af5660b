import { parseConfig, positive } from 'kit/config';
import { z } from 'zod';

/** What the product's own parts of the gateway read. Throws ConfigError naming what is wrong. */
export const edgeSettings = (environment: Readonly<Record<string, string | undefined>>) =>
  parseConfig(
    {
      /** As users has it: how long a browser keeps the refresh token's cookie. */
      REFRESH_TOKEN_DAYS: positive(7),
      /** As users has it: what pages call the site. */
      SITE_NAME: z.string().min(1).max(80).default('Broadsheet'),
      /** Pages behind the links in mails; off where a frontend has its own at the same paths. */
      EDGE_PAGES: z
        .enum(['on', 'off'])
        .default('on')
        .transform((value) => value === 'on'),
    },
    environment,
  );
