import { ConfigError, parseConfig, port, positive } from 'kit/config';
import { z } from 'zod';
import { cacheSettings } from './cache/cache.settings.ts';
import { jwtOptions, jwtSettings } from './jwt.settings.ts';
import { list } from './list.ts';
import { documentSettings } from './documents/documents.settings.ts';
import { checkBudgets, limitSettings } from './security/limits.settings.ts';
import { forwardedNames } from './forwarding.settings.ts';
import { operationsSettings } from './operations.settings.ts';
import { subscriptionSettings } from './subscriptions/subscriptions.settings.ts';

const shape = {
  HOST: z.string().default('127.0.0.1'),
  PORT: port(4000),
  NODE_ENV: z.enum(['development', 'test', 'production']).default('development'),
  LOG_LEVEL: z.enum(['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace']).default('info'),
  /** Signs every request to a subgraph; without it subgraphs are asked unsigned, which only foreign ones accept. */
  HOP_SECRET: z.string().min(16, 'must be at least 16 characters').optional(),
  /** Live events; without it subscriptions are refused. */
  REDIS_URL: z.string().optional(),
  MAX_DEPTH: positive(12),
  /** graphql 16's own introspection query is 15 levels deep. */
  MAX_INTROSPECTION_DEPTH: positive(15),
  MAX_TOKENS: positive(2000),
  /** Fields of an operation once all its fragments are written out. */
  MAX_SELECTIONS: positive(100_000),
  /** Operations kept parsed, planned and compiled. */
  MAX_PLANS: positive(1000),
  /** Queries and mutations that run at once in one process; what comes beyond is refused with OVERLOADED, not kept waiting. */
  MAX_RUNNING_OPERATIONS: positive(2000),
  BODY_LIMIT_BYTES: positive(262_144),
  /** Answers of 1,400 bytes and more, by Brotli or gzip, where clients take that: "off" where a proxy does it. */
  COMPRESSION: z.enum(['on', 'off']).default('on'),
  /** The whole stop, sockets and running requests together; supervisors kill after 10. */
  STOP_GRACE_SECONDS: positive(8),
  SUBGRAPH_TIMEOUT_SECONDS: positive(10),
  SUBGRAPH_RESPONSE_LIMIT_BYTES: positive(33_554_432),
  SUBGRAPH_CONNECTIONS: positive(32),
  /** Headers of clients that subgraphs are sent too: `authorization,x-tenant`. */
  FORWARD_HEADERS: forwardedNames,
  MAX_SOCKETS: positive(20_000),
  MAX_SUBSCRIPTIONS_PER_SOCKET: positive(50),
  ...subscriptionSettings,
  /** Web origins, beside the gateway's own, that may open sockets and read answers: `https://app.example`. */
  ALLOWED_ORIGINS: list,
  /** Tells browsers to come by TLS alone for so long (Strict-Transport-Security); 0 where not every client does. */
  HSTS_SECONDS: z.coerce.number().int().min(0).default(0),
  /** Addresses or CIDR ranges whose X-Forwarded-For is believed. */
  TRUSTED_PROXIES: list,
  /** Header in which those proxies say the client's country, `cf-ipcountry`; they must overwrite what clients send. */
  PLACE_HEADER: z
    .string()
    .regex(/^[a-z][a-z0-9-]*$/i, 'must be the name of a header')
    .transform((name) => name.toLowerCase())
    .optional(),
  /** In production /metrics answers only to this bearer token. */
  METRICS_TOKEN: z.string().optional(),
  /** Introspection and the explorer page; by default wherever NODE_ENV is not production. */
  INTROSPECTION: z.enum(['true', 'false']).optional(),
  ...limitSettings,
  ...operationsSettings,
  ...documentSettings,
  ...cacheSettings,
  ...jwtSettings,
};

type Environment = Readonly<Record<string, string | undefined>>;

export type GatewaySettings = ReturnType<typeof gatewaySettings>;

/** The gateway's settings from an environment. Throws ConfigError naming each variable that is wrong. */
export function gatewaySettings(environment: Environment) {
  const parsed = parseConfig(shape, environment);
  const { INTROSPECTION, HOP_SECRET, REDIS_URL, METRICS_TOKEN, PLACE_HEADER, ...settings } = parsed;
  checkBudgets(settings);
  const isProduction = settings.NODE_ENV === 'production';
  return {
    ...settings,
    isProduction,
    isIntrospectable: INTROSPECTION === undefined ? !isProduction : INTROSPECTION === 'true',
    HOP_SECRET: HOP_SECRET ?? null,
    REDIS_URL: REDIS_URL ?? null,
    METRICS_TOKEN: METRICS_TOKEN ?? null,
    PLACE_HEADER: PLACE_HEADER ?? null,
    jwt: jwtOptions(parsed),
  };
}

/** How the URLs of what is asked by HTTP begin. */
export const HTTP: readonly string[] = ['http://', 'https://'];

/** Where each subgraph is: its routing URL, or SUBGRAPH_<NAME>_URL where that is set. Throws ConfigError where that is no URL. */
export function subgraphUrl(name: string, routingUrl: string, environment: Environment): string {
  const variable = `SUBGRAPH_${name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}_URL`;
  return urlIn(environment, variable, HTTP) ?? routingUrl;
}

/** The URL that a variable says, null where it is not set. Throws ConfigError where it is none with such a beginning. */
export function urlIn(environment: Environment, variable: string, beginnings: readonly string[]): string | null {
  const text = environment[variable];
  if (!text) return null;
  const isExpected = beginnings.some((beginning) => text.toLowerCase().startsWith(beginning));
  if (isExpected && URL.canParse(text)) return text;
  throw new ConfigError(`${variable}: must be a URL that begins with ${beginnings.join(' or ')}`);
}

/** This process's environment; `set` is what the command line says instead. */
export function processEnvironment(set: Readonly<Record<string, string>>): Record<string, string | undefined> {
  return { ...process.env, ...set };
}
