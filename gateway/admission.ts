import type { GraphQLError } from 'graphql';
import type { RequestContext } from './execution/context.ts';
import { limitsHit } from './metrics.ts';
import type { Ready, Refusal } from './answer.ts';
import { checkCost } from './security/cost.ts';
import { rateRefusal, type RateLimiter } from './security/rate-limit.ts';

/** Whether a checked operation may run now: by what it costs, and by what its viewer has asked lately. */
export interface Admission {
  readonly admit: (ready: Ready, context: RequestContext) => Promise<Ready | Refusal>;
  /** Counts a request that was refused for another reason: guessing is limited too. */
  readonly refuse: (errors: readonly GraphQLError[], context: RequestContext) => Promise<Refusal>;
}

/** @param limiter Null where there are no limits over time. */
export function createAdmission(maxCost: number, limiter: RateLimiter | null): Admission {
  const overRate = async (cost: number, context: RequestContext): Promise<GraphQLError | null> => {
    if (!limiter) return null;
    const { viewer, client } = context;
    const decision = await limiter.take({ viewerKey: viewer.keyId ?? viewer.userId, address: client.address, cost });
    context.limitHeaders = decision.headers;
    return decision.isAllowed ? null : rateRefusal(decision);
  };
  const refuse: Admission['refuse'] = async (errors, context) => {
    const limited = await overRate(0, context);
    return refusalOf(limited ? [limited] : errors);
  };
  return {
    refuse,
    admit: async (ready, context) => {
      const cost = ready.operation.cost(ready.variables.values);
      const tooCostly = checkCost(cost, maxCost);
      if (tooCostly) return refuse([tooCostly], context);
      const limited = await overRate(cost, context);
      return limited ? refusalOf([limited]) : ready;
    },
  };
}

function refusalOf(errors: readonly GraphQLError[]): Refusal {
  for (const { extensions } of errors) {
    if (extensions['limit'] !== undefined || extensions['code'] === 'RATE_LIMITED') {
      limitsHit.inc({ code: String(extensions['code']) });
    }
  }
  return { errors };
}
