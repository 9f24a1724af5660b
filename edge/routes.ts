import type { GatewayHooks } from 'gateway/hooks';
import type { ReadKeys } from './keys.ts';

export const createRoutes = (readKeys: ReadKeys): NonNullable<GatewayHooks['routes']> => ({
  '/.well-known/jwks.json': async () => ({
    status: 200,
    headers: { 'content-type': 'application/jwk-set+json', 'cache-control': 'public, max-age=300' },
    body: JSON.stringify(await readKeys()),
  }),
});
