import { ConfigError } from 'kit/config';
import { z } from 'zod';

export interface JwtOptions {
  /** Where the issuer publishes its keys (RFC 7517). */
  readonly jwksUrl: string;
  /** What `iss` must be, and what `aud` must name; null takes any. */
  readonly issuer: string | null;
  readonly audience: string | null;
}

/** Who asks, where no configuration says it: bearer tokens of an issuer that publishes its keys. */
export const jwtSettings = {
  /** Where the keys are: `https://issuer.example/.well-known/jwks.json`. */
  JWKS_URL: z.url({ protocol: /^https?$/, message: 'must be a URL that begins with https:// or http://' }).optional(),
  /** What tokens must say of their issuer and their audience; "any" takes every one that these keys have signed. */
  JWT_ISSUER: z.string().min(1).optional(),
  JWT_AUDIENCE: z.string().min(1).optional(),
};

type JwtSettings = { readonly [Name in keyof typeof jwtSettings]?: string | undefined };

const ANY = 'any';

/** Null where no keys are named. Throws ConfigError where a part is missing: a token made for another service is not for this one. */
export function jwtOptions({ JWKS_URL, JWT_ISSUER, JWT_AUDIENCE }: JwtSettings): JwtOptions | null {
  if (JWKS_URL === undefined) {
    if (JWT_ISSUER === undefined && JWT_AUDIENCE === undefined) return null;
    throw new ConfigError('JWKS_URL: must be set beside JWT_ISSUER and JWT_AUDIENCE, or none of them');
  }
  const missing = Object.entries({ JWT_ISSUER, JWT_AUDIENCE }).find(([, value]) => value === undefined);
  if (missing) throw new ConfigError(`${missing[0]}: must be set beside JWKS_URL; "any" takes every one`);
  const orNull = (value: string | undefined): string | null => (value === undefined || value === ANY ? null : value);
  return { jwksUrl: JWKS_URL, issuer: orNull(JWT_ISSUER), audience: orNull(JWT_AUDIENCE) };
}
