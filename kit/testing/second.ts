import { monitorEventLoopDelay } from 'node:perf_hooks';

/** A delay that comes on each of the hops in a row: session check, read, answer, and our own look at it. */
const HOPS = 4;

/**
 * Watches how late this machine is with everything, and answers what the promised second comes to on it, in milliseconds:
 * on an idle one hardly more.
 */
export function startSecond(): () => number {
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  return () => {
    delay.disable();
    return 1000 + (HOPS * delay.max) / 1e6;
  };
}
