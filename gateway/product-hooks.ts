import { ConfigError } from 'kit/config';
import type { Logger } from 'kit/logger';
import type { Transport } from 'kit/request';
import type { GatewaySettings } from './config.ts';
import type { Forwarding } from './forwarding.ts';
import { createSend, noHooks, type CreateHooks, type GatewayHooks } from './hooks.ts';
import { jwtAuthentication } from './jwt.ts';
import { createOriginCheck, type CorsHooks } from './security/origins.ts';

// What a product's hooks come to, with the settings beside them.

export interface HooksGiven {
  /** Without them everybody is who their token says, where settings name the keys for that, or else anonymous. */
  readonly hooks?: CreateHooks | GatewayHooks | undefined;
  readonly settings: GatewaySettings;
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
  readonly logger: Logger;
}

/** The hooks of a gateway. Throws ConfigError where settings say another thing than these. */
export function hooksOf(
  { hooks, logger, environment = {}, settings }: HooksGiven,
  transports: Readonly<Record<string, Transport>>,
): GatewayHooks {
  if (!hooks) return settings.jwt ? { authenticate: jwtAuthentication(settings.jwt, logger) } : noHooks;
  if (settings.jwt) throw new ConfigError('JWKS_URL: a configuration says itself who asks; use gateway/jwt there');
  if (typeof hooks !== 'function') return hooks;
  const isAllowed = createOriginCheck(settings.ALLOWED_ORIGINS);
  return hooks({
    send: createSend(transports),
    isAllowedOrigin: (headers) => isAllowed({ headers }),
    isProduction: settings.isProduction,
    logger,
    environment,
  });
}

/** What pages of other origins may send: headers that are forwarded, and methods of whatever paths there are. */
export function corsHooksOf({ cors = {}, routes = {}, rest }: GatewayHooks, { names }: Forwarding): CorsHooks {
  const ofRoutes = Object.values(routes).flatMap((route) => (typeof route === 'function' ? [] : Object.keys(route)));
  const ofRest = (rest?.operations ?? []).map(({ method }) => method);
  const methods = [...(cors.methods ?? []), ...ofRoutes, ...ofRest].filter((name) => name === name.toUpperCase());
  return { ...cors, headers: [...(cors.headers ?? []), ...names], methods };
}

/** A product's sensitive fields hold whatever an operator sets. */
export const withSensitiveFields = (
  settings: GatewaySettings,
  { sensitiveFields = [] }: GatewayHooks,
): GatewaySettings => ({
  ...settings,
  SENSITIVE_FIELDS: new Set([...settings.SENSITIVE_FIELDS, ...sensitiveFields]),
});
