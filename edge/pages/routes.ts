import type { HookTools, Route, RouteHandler } from 'gateway/hooks';
import { pageResponse } from './html.ts';
import { pages } from './pages.ts';
import { unsubscribeRoute, type UnsubscribeSettings } from './unsubscribe.ts';

/** What links in mails lead to. One-click unsubscription is for mail programs, so it is there with the pages or without. */
export function pageRoutes(
  send: HookTools['send'],
  settings: UnsubscribeSettings,
): Readonly<Record<string, RouteHandler | Route>> {
  const { SITE_NAME, EDGE_PAGES } = settings;
  const shown = EDGE_PAGES ? pages : [];
  return {
    ...Object.fromEntries(
      shown.map((page) => {
        const response = pageResponse(page, SITE_NAME);
        return [page.path, () => Promise.resolve(response)];
      }),
    ),
    '/mail/unsubscribe': unsubscribeRoute(send, settings),
  };
}
