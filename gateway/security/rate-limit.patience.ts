/** What is under way, and when its time is over. */
export interface Wait {
  readonly dueAt: number;
  readonly onLate: () => void;
}

export interface Patience {
  /** Calls `onLate` once the time is over, unless it has ended before. */
  readonly begin: (onLate: () => void) => Wait;
  /** False where time was called before. */
  readonly end: (wait: Wait) => boolean;
}

/**
 * Calls time on what takes too long, by one timer for all of it. Where this process itself was held up, what has arrived
 * meanwhile is read before time is called.
 */
export function createPatience(milliseconds: number): Patience {
  /** All wait equally long, so the first is due first. */
  const waits = new Set<Wait>();
  let isArmed = false;
  const arm = (delay: number): void => {
    isArmed = true;
    setTimeout(() => {
      const now = performance.now();
      setImmediate(() => callTime(now));
    }, delay).unref();
  };
  const callTime = (now: number): void => {
    isArmed = false;
    for (const wait of waits) {
      if (wait.dueAt > now) return arm(wait.dueAt - now);
      waits.delete(wait);
      wait.onLate();
    }
  };
  return {
    begin: (onLate) => {
      const wait = { dueAt: performance.now() + milliseconds, onLate };
      waits.add(wait);
      if (!isArmed) arm(milliseconds);
      return wait;
    },
    end: (wait) => waits.delete(wait),
  };
}
