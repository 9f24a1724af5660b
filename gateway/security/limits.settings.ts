import { ConfigError, positive } from 'kit/config';
import { z } from 'zod';
import { defaultCostOptions, type CostOptions } from './cost.options.ts';
import { defaultOperationLimits as operation, type OperationLimits } from './limits.ts';
import { defaultRateRules as rates, type RateRules } from './rate-limit.ts';

const weight = (fallback: number) => z.coerce.number().int().min(0).default(fallback);

/** A comma-separated set; blanks do not count. */
const names = (fallback: readonly string[]) =>
  z
    .string()
    .default(fallback.join(','))
    .transform((text) => text.split(',').map((part) => part.trim()))
    .transform((parts): ReadonlySet<string> => new Set(parts.filter((part) => part !== '')));

/** Settings of operation limits, costs and rate limits, beside MAX_DEPTH, MAX_INTROSPECTION_DEPTH, MAX_TOKENS and MAX_SELECTIONS. */
export const limitSettings = {
  /** Of one operation, fragments written out; so are the next two. */
  MAX_ALIASES: positive(operation.maxAliases),
  MAX_ROOT_FIELDS: positive(operation.maxRootFields),
  MAX_DIRECTIVES: positive(operation.maxDirectives),
  /** Pairs of fields that validation compares because they have one place in the answer. */
  MAX_OVERLAPS: positive(operation.maxOverlaps),
  /** Coordinates, `Mutation.login,Mutation.resetPassword`: an operation may use one of them, once. */
  SENSITIVE_FIELDS: names([]),
  /** Of one operation; no more than the smallest budget below, or it could never run: see checkBudgets. */
  MAX_COST: positive(rates.anonymous.cost),
  /** `measure`: costs refuse nothing, neither by MAX_COST nor by a budget; they are in the metrics, and what is over MAX_COST in the log. */
  COST_MODE: z.enum(['enforce', 'measure']).default('enforce'),
  COST_OBJECT_WEIGHT: weight(defaultCostOptions.objectWeight),
  COST_LEAF_WEIGHT: weight(defaultCostOptions.leafWeight),
  COST_INPUT_OBJECT_WEIGHT: weight(defaultCostOptions.inputObjectWeight),
  COST_MUTATION_WEIGHT: weight(defaultCostOptions.mutationWeight),
  COST_INTROSPECTION_WEIGHT: weight(defaultCostOptions.introspectionWeight),
  /** Entries of a list of which nothing is known. */
  COST_LIST_SIZE: positive(defaultCostOptions.listSize),
  /** Entries of a page whose page argument is absent and has no default in the schema. */
  COST_PAGE_SIZE: positive(defaultCostOptions.pageSize),
  COST_PAGE_ARGUMENTS: names(defaultCostOptions.pageArguments),
  COST_CONNECTION_FIELDS: names(defaultCostOptions.connectionFields),
  RATE_LIMITS: z.enum(['on', 'off']).default('on'),
  RATE_WINDOW_SECONDS: positive(rates.windowSeconds),
  RATE_SIGNED_IN_REQUESTS: positive(rates.signedIn.requests),
  RATE_SIGNED_IN_COST: positive(rates.signedIn.cost),
  RATE_ANONYMOUS_REQUESTS: positive(rates.anonymous.requests),
  RATE_ANONYMOUS_COST: positive(rates.anonymous.cost),
  /** For all from one address together, signed in or not; without the first there is no such limit. */
  RATE_ADDRESS_REQUESTS: z.coerce.number().int().positive().optional(),
  RATE_ADDRESS_COST: positive(200_000),
  /** How long a request waits for Redis before its gateway counts by itself. */
  RATE_PATIENCE_MILLISECONDS: positive(50),
  /** How long a gateway may sit on what it has taken in advance of a busy key, at most a 50th of its limit; 0: every request asks Redis. */
  RATE_LEASE_MILLISECONDS: weight(rates.leaseMilliseconds),
};

export type LimitSettings = z.output<z.ZodObject<typeof limitSettings>>;

type ElderSettings = Readonly<
  Record<'MAX_DEPTH' | 'MAX_INTROSPECTION_DEPTH' | 'MAX_TOKENS' | 'MAX_SELECTIONS', number>
>;

export const operationLimits = (settings: LimitSettings & ElderSettings): OperationLimits => ({
  maxDepth: settings.MAX_DEPTH,
  maxIntrospectionDepth: settings.MAX_INTROSPECTION_DEPTH,
  maxAliases: settings.MAX_ALIASES,
  maxRootFields: settings.MAX_ROOT_FIELDS,
  maxDirectives: settings.MAX_DIRECTIVES,
  maxTokens: settings.MAX_TOKENS,
  maxSelections: settings.MAX_SELECTIONS,
  maxOverlaps: settings.MAX_OVERLAPS,
  sensitiveFields: settings.SENSITIVE_FIELDS,
});

export const costOptions = (settings: LimitSettings): CostOptions => ({
  objectWeight: settings.COST_OBJECT_WEIGHT,
  leafWeight: settings.COST_LEAF_WEIGHT,
  inputObjectWeight: settings.COST_INPUT_OBJECT_WEIGHT,
  mutationWeight: settings.COST_MUTATION_WEIGHT,
  introspectionWeight: settings.COST_INTROSPECTION_WEIGHT,
  listSize: settings.COST_LIST_SIZE,
  pageSize: settings.COST_PAGE_SIZE,
  pageArguments: [...settings.COST_PAGE_ARGUMENTS],
  connectionFields: [...settings.COST_CONNECTION_FIELDS],
});

/** Throws ConfigError where an operation within MAX_COST may not fit a budget: its client would be told to try again for ever. */
export function checkBudgets(settings: LimitSettings): void {
  if (settings.RATE_LIMITS === 'off' || settings.COST_MODE === 'measure') return;
  const { MAX_COST, RATE_SIGNED_IN_COST, RATE_ANONYMOUS_COST, RATE_ADDRESS_REQUESTS, RATE_ADDRESS_COST } = settings;
  const budgets = { RATE_SIGNED_IN_COST, RATE_ANONYMOUS_COST };
  const all = Object.entries(RATE_ADDRESS_REQUESTS === undefined ? budgets : { ...budgets, RATE_ADDRESS_COST });
  for (const [name, budget] of all) {
    if (MAX_COST <= budget) continue;
    throw new ConfigError(`MAX_COST: must be no more than ${name}: ${MAX_COST} of ${budget} could never run`);
  }
}

/** Null where rate limits are off. */
export function rateRules(settings: LimitSettings): RateRules | null {
  if (settings.RATE_LIMITS === 'off') return null;
  const requests = settings.RATE_ADDRESS_REQUESTS;
  return {
    windowSeconds: settings.RATE_WINDOW_SECONDS,
    signedIn: { requests: settings.RATE_SIGNED_IN_REQUESTS, cost: settings.RATE_SIGNED_IN_COST },
    anonymous: { requests: settings.RATE_ANONYMOUS_REQUESTS, cost: settings.RATE_ANONYMOUS_COST },
    address: requests === undefined ? null : { requests, cost: settings.RATE_ADDRESS_COST },
    leaseMilliseconds: settings.RATE_LEASE_MILLISECONDS,
  };
}
