import { parseConfig, positive, toggle, words } from 'kit/config';

/** What the product's own parts of the gateway read. Throws ConfigError naming what is wrong. */
export const edgeSettings = (environment: Readonly<Record<string, string | undefined>>) =>
  parseConfig(
    {
      /** As users has it: how long a browser keeps the refresh token's cookie. */
      REFRESH_TOKEN_DAYS: positive(7),
      /** As users has it: what pages call the site. */
      SITE_NAME: words('Broadsheet', 80),
      /** Pages behind the links in mails; off where a frontend has its own at the same paths. */
      EDGE_PAGES: toggle(true),
      /** Downloads of archives begun, by network address. */
      LIMIT_ARCHIVES_PER_MINUTE: positive(10),
      /** By network address; mail programs of many people come from few. */
      LIMIT_UNSUBSCRIBES_PER_MINUTE: positive(60),
    },
    environment,
  );

export type EdgeSettings = ReturnType<typeof edgeSettings>;
