import type { HookTools, Route, RouteHandler } from 'gateway/hooks';
import { pageResponse } from './html.ts';
import { pages } from './pages.ts';
import { unsubscribeRoute } from './unsubscribe.ts';

export interface PageSettings {
  /** What pages call the site. */
  readonly SITE_NAME: string;
  /** Off where a frontend has pages of its own at these paths. */
  readonly EDGE_PAGES: boolean;
}

/** What links in mails lead to. One-click unsubscription is for mail programs, so it is there with the pages or without. */
export function pageRoutes(
  send: HookTools['send'],
  { SITE_NAME, EDGE_PAGES }: PageSettings,
): Readonly<Record<string, RouteHandler | Route>> {
  const shown = EDGE_PAGES ? pages : [];
  return {
    ...Object.fromEntries(
      shown.map((page) => {
        const response = pageResponse(page, SITE_NAME);
        return [page.path, () => Promise.resolve(response)];
      }),
    ),
    '/mail/unsubscribe': unsubscribeRoute(send, SITE_NAME, EDGE_PAGES),
  };
}
