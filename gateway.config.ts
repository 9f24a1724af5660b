import type { CreateHooks } from 'gateway/hooks';
import { apiKeyCredentials, scopesOf } from './edge/apikeys.ts';
import { caching } from './edge/caching.ts';
import { edgeSettings } from './edge/config.ts';
import { createCredentials } from './edge/credentials.ts';
import { SENSITIVE_FIELDS } from './edge/fields.ts';
import { createKeyReader } from './edge/keys.ts';
import { COOKIE_HEADER, refreshCookie } from './edge/refresh-cookie.ts';
import { rest } from './edge/rest.ts';
import { createRoutes } from './edge/routes.ts';
import { sessionCredentials } from './edge/sessions.ts';
import { createTokenReader } from './edge/tokens.ts';

const DAY_SECONDS = 86_400;

/** All that is Broadsheet's own in the gateway; its parts are in edge/. */
export const createHooks: CreateHooks = (tools) => {
  const { send } = tools;
  const readKeys = createKeyReader(send);
  const settings = edgeSettings(tools.environment);
  return {
    ...createCredentials([apiKeyCredentials(tools), sessionCredentials(send, createTokenReader(readKeys))]),
    scopesOf,
    sensitiveFields: SENSITIVE_FIELDS,
    caching,
    plugins: [refreshCookie(tools, { lifetimeSeconds: settings.REFRESH_TOKEN_DAYS * DAY_SECONDS })],
    cors: { headers: [COOKIE_HEADER], hasCredentials: true },
    rest,
    routes: createRoutes(tools, readKeys, settings),
  };
};
