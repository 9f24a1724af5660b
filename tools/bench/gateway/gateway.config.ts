import type { CreateHooks } from 'gateway/hooks';
import type { JSONWebKeySet } from 'jose';
import { CodedError } from 'kit/errors';
import { anonymous, userViewer } from 'kit/viewer';
import { createTokenCheck, KEYS_VARIABLE } from './token.ts';

/** The measured gateway's hooks: the viewer check that the stock set-up makes too. */
export const createHooks: CreateHooks = ({ environment }) => {
  const check = createTokenCheck(JSON.parse(environment[KEYS_VARIABLE] ?? '{"keys":[]}') as JSONWebKeySet);
  return {
    authenticate: async ({ authorization }) => {
      const claims = await check(authorization).catch(() => {
        throw new CodedError('UNAUTHENTICATED', 'That access token is not good.');
      });
      return claims === null ? anonymous : userViewer(claims.userId);
    },
  };
};
