import type { GraphQLError } from 'graphql';
import type { Logger } from 'kit/logger';
import type { Client } from 'kit/viewer';
import type { GatewaySettings } from './config.ts';
import { refusal } from './errors.ts';
import type { RequestContext } from './execution/context.ts';
import { limitsHit, operationCost } from './metrics.ts';
import type { Ready, Refusal } from './answer.ts';
import { checkCost } from './security/cost.ts';
import { rateRefusal, type RateLimiter } from './security/rate-limit.ts';

/** Whether a checked operation may run now: by what it costs, by what its viewer has asked lately, and by what runs already. */
export interface Admission {
  /** Counts a request before the dear part of it; null where it may go on. */
  readonly count: (context: RequestContext) => Promise<Refusal | null>;
  /** @param isCounted Whether `count` has counted it. */
  readonly admit: (ready: Ready, context: RequestContext, isCounted: boolean) => Promise<Ready | Refusal>;
  /** Counts a request that was refused for another reason: guessing is limited too. */
  readonly refuse: (errors: readonly GraphQLError[], context: RequestContext, isCounted: boolean) => Promise<Refusal>;
  /** Counts a request whose credentials do not hold. */
  readonly refuseUnproven: (error: GraphQLError, client: Client) => Promise<GraphQLError>;
}

export interface AdmissionOptions {
  readonly settings: Pick<GatewaySettings, 'MAX_COST' | 'COST_MODE' | 'MAX_RUNNING_OPERATIONS'>;
  /** Null where there are no limits over time. */
  readonly limiter: RateLimiter | null;
  /** How many queries and mutations run just now. */
  readonly running: () => number;
  readonly log: Logger;
}

export function createAdmission({ settings, limiter, running, log }: AdmissionOptions): Admission {
  const { MAX_COST, COST_MODE, MAX_RUNNING_OPERATIONS } = settings;
  const isFull = (): boolean => running() >= MAX_RUNNING_OPERATIONS;
  const measure = (cost: number, { operation }: Ready, { requestId }: RequestContext): void => {
    // A cost may be beyond all numbers; a histogram takes none of those.
    operationCost.observe(Math.min(cost, Number.MAX_SAFE_INTEGER));
    if (cost <= MAX_COST) return;
    const told = { requestId, operation: operation.node.name?.value ?? null, cost, limit: MAX_COST };
    log.info(told, 'an operation over MAX_COST');
  };
  const overRate = async (cost: number, context: RequestContext, isCounted: boolean): Promise<GraphQLError | null> => {
    if (!limiter) return null;
    const { viewer, client } = context;
    const viewerKey = viewer.keyId ?? viewer.userId;
    const decision = await limiter.take({ viewerKey, address: client.address, cost, isCounted });
    context.limitHeaders = decision.headers;
    return decision.isAllowed ? null : rateRefusal(decision);
  };
  const refuse: Admission['refuse'] = async (errors, context, isCounted) => {
    const limited = isCounted ? null : await overRate(0, context, false);
    return refusalOf(limited ? [limited] : errors);
  };
  return {
    count: async (context) => {
      if (isFull()) return refusalOf([overloaded()]);
      const limited = await overRate(0, context, false);
      return limited && refusalOf([limited]);
    },
    refuse,
    refuseUnproven: async (error, { address }) => {
      const decision = await limiter?.take({ viewerKey: null, address, cost: 0, isUnproven: true });
      if (!decision || decision.isAllowed) return error;
      return refusalOf([rateRefusal(decision)]).errors[0] ?? error;
    },
    admit: async (ready, context, isCounted) => {
      // Before anything is counted for its viewer, who has done nothing wrong. A subscription runs for long and waits for most of it.
      const isShort = ready.operation.node.operation !== 'subscription';
      if (isShort && isFull()) return refusalOf([overloaded()]);
      const cost = ready.operation.cost(ready.variables.values);
      const isMeasured = COST_MODE === 'measure';
      if (isMeasured) measure(cost, ready, context);
      const tooCostly = isMeasured ? null : checkCost(cost, MAX_COST);
      if (tooCostly) return refuse([tooCostly], context, isCounted);
      const limited = await overRate(isMeasured ? 0 : cost, context, isCounted);
      return limited ? refusalOf([limited]) : ready;
    },
  };
}

const overloaded = (): GraphQLError =>
  refusal('OVERLOADED', 'There is too much to do just now; try again in a moment.', {
    status: 503,
    retryAfterSeconds: 1,
  });

/** Refusals that do not say a limit of the operation, but are limits all the same. */
const LIMITS: ReadonlySet<unknown> = new Set(['RATE_LIMITED', 'OVERLOADED']);

function refusalOf(errors: readonly GraphQLError[]): Refusal {
  for (const { extensions } of errors) {
    if (extensions['limit'] !== undefined || LIMITS.has(extensions['code'])) {
      limitsHit.inc({ code: String(extensions['code']) });
    }
  }
  return { errors };
}
