import type { GatewayHooks, HookTools } from 'gateway/hooks';
import { dataExportRoute } from './data-export.ts';
import { devMailPage } from './dev-mail.ts';
import type { ReadKeys } from './keys.ts';
import type { EdgeSettings } from './config.ts';
import { pageRoutes } from './pages/routes.ts';

export const createRoutes = (
  { send, isProduction }: Pick<HookTools, 'send' | 'isProduction'>,
  readKeys: ReadKeys,
  settings: EdgeSettings,
): NonNullable<GatewayHooks['routes']> => ({
  '/.well-known/jwks.json': async () => ({
    status: 200,
    headers: { 'content-type': 'application/jwk-set+json', 'cache-control': 'public, max-age=300' },
    body: JSON.stringify(await readKeys()),
  }),
  '/data-export/archive': dataExportRoute(send, settings.LIMIT_ARCHIVES_PER_MINUTE),
  ...pageRoutes(send, settings),
  ...(isProduction ? {} : { '/dev/mail': devMailPage(send) }),
});
