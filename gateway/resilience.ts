import {
  BrokenCircuitError,
  bulkhead,
  type BulkheadPolicy,
  circuitBreaker,
  CircuitState,
  handleWhen,
  SamplingBreaker,
} from 'cockatiel';

export interface BreakerOptions {
  /** Opens once more than this part of the calls in the window has failed. */
  readonly thresholdPercent: number;
  readonly windowSeconds: number;
  /** With fewer calls than this a second it never opens: a few failures say little. */
  readonly minimumPerSecond: number;
  /** How long an open breaker waits before it lets one call try. */
  readonly halfOpenSeconds: number;
}

/** The figures that kit's own breakers have. */
export const BREAKER: BreakerOptions = {
  thresholdPercent: 50,
  windowSeconds: 30,
  minimumPerSecond: 5,
  halfOpenSeconds: 60,
};

export interface Breaker {
  /** Runs a call, or rejects with BrokenCircuitError at once. */
  readonly run: <T>(call: () => Promise<T>) => Promise<T>;
  readonly isOpen: () => boolean;
}

/** A circuit breaker around calls to one dependency. What `isFailure` does not count says nothing about the dependency. */
export function createBreaker(options: BreakerOptions, isFailure: (error: unknown) => boolean): Breaker {
  const policy = circuitBreaker(handleWhen(isFailure), {
    halfOpenAfter: options.halfOpenSeconds * 1000,
    breaker: new SamplingBreaker({
      threshold: options.thresholdPercent / 100,
      duration: options.windowSeconds * 1000,
      minimumRps: options.minimumPerSecond,
    }),
  });
  return {
    run: (call) => {
      // While one call tries, cockatiel would let the others wait for its end, which may be a timeout away.
      if (policy.state === CircuitState.HalfOpen) return Promise.reject(new BrokenCircuitError());
      return policy.execute(call);
    },
    isOpen: () => policy.state !== CircuitState.Closed,
  };
}

export const isBroken = (error: unknown): boolean => error instanceof BrokenCircuitError;

/** Runs work once it is its turn. */
export type Turns = <T>(work: () => Promise<T>) => Promise<T>;

/** Lets so much work of each kind run at once; what is more waits, first come first served. Kinds are few: subgraphs. */
export function createTurns(atOnce: number): (kind: string) => Turns {
  const policies = new Map<string, BulkheadPolicy>();
  return (kind) => {
    let policy = policies.get(kind);
    if (!policy) policies.set(kind, (policy = bulkhead(atOnce, Infinity)));
    return (work) => policy.execute(work);
  };
}
