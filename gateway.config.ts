import type { CreateHooks } from 'gateway/hooks';
import { caching } from './edge/caching.ts';
import { createCredentials } from './edge/credentials.ts';
import { PUBLIC_FIELDS, SENSITIVE_FIELDS } from './edge/fields.ts';
import { createKeyReader } from './edge/keys.ts';
import { createRoutes } from './edge/routes.ts';
import { sessionCredentials } from './edge/sessions.ts';
import { createTokenReader } from './edge/tokens.ts';

/** All that is Broadsheet's own in the gateway; its parts are in edge/. */
export const createHooks: CreateHooks = ({ send }) => {
  const readKeys = createKeyReader(send);
  return {
    ...createCredentials([sessionCredentials(send, createTokenReader(readKeys))]),
    publicFields: PUBLIC_FIELDS,
    sensitiveFields: SENSITIVE_FIELDS,
    caching,
    routes: createRoutes(readKeys),
  };
};
