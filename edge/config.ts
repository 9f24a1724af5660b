import { parseConfig, positive } from 'kit/config';

/** What the product's own parts of the gateway read. Throws ConfigError naming what is wrong. */
export const edgeSettings = (environment: Readonly<Record<string, string | undefined>>) =>
  parseConfig(
    {
      /** As users has it: how long a browser keeps the refresh token's cookie. */
      REFRESH_TOKEN_DAYS: positive(7),
    },
    environment,
  );
