import type { CreateHooks } from 'gateway/hooks';
import { apiKeyCredentials, scopesOf } from './edge/apikeys.ts';
import { caching } from './edge/caching.ts';
import { createCredentials } from './edge/credentials.ts';
import { PUBLIC_FIELDS, SENSITIVE_FIELDS } from './edge/fields.ts';
import { createKeyReader } from './edge/keys.ts';
import { createRoutes } from './edge/routes.ts';
import { sessionCredentials } from './edge/sessions.ts';
import { createTokenReader } from './edge/tokens.ts';

/** All that is Broadsheet's own in the gateway; its parts are in edge/. */
export const createHooks: CreateHooks = (tools) => {
  const { send } = tools;
  const readKeys = createKeyReader(send);
  return {
    ...createCredentials([apiKeyCredentials(tools), sessionCredentials(send, createTokenReader(readKeys))]),
    scopesOf,
    publicFields: PUBLIC_FIELDS,
    sensitiveFields: SENSITIVE_FIELDS,
    caching,
    routes: createRoutes(readKeys),
  };
};
