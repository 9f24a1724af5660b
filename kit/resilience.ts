import {
  circuitBreaker,
  ExponentialBackoff,
  handleAll,
  type IPolicy,
  retry,
  SamplingBreaker,
  timeout,
  TimeoutStrategy,
  wrap,
} from 'cockatiel';

export interface ResilienceOptions {
  readonly timeoutSeconds: number;
  /** Tries after the first; only for what may safely happen twice. */
  readonly retries: number;
}

/** Opens at 50 % failures over 30 s (at least 5 calls a second), tries again after 60 s: the figures of the source documents. */
const BREAKER = { threshold: 0.5, duration: 30_000, minimumRps: 5 } as const;
const HALF_OPEN_AFTER_MS = 60_000;

/** Timeout, retries with back-off and a circuit breaker around calls to one dependency. */
export function resilient(options: ResilienceOptions): IPolicy {
  const breaker = circuitBreaker(handleAll, {
    halfOpenAfter: HALF_OPEN_AFTER_MS,
    breaker: new SamplingBreaker(BREAKER),
  });
  const patience = timeout(options.timeoutSeconds * 1000, TimeoutStrategy.Aggressive);
  if (options.retries === 0) return wrap(breaker, patience);
  const again = retry(handleAll, {
    maxAttempts: options.retries,
    backoff: new ExponentialBackoff({ initialDelay: 50 }),
  });
  return wrap(again, breaker, patience);
}
