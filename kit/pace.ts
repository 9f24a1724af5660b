import { EventEmitter } from 'node:events';

const hurries = new EventEmitter().setMaxListeners(0);
let waiting = 0;

/** While `work` goes on nobody in this process takes a pause: somebody waits for what they do. */
export async function hurried<Answer>(work: () => Promise<Answer>): Promise<Answer> {
  waiting++;
  hurries.emit('hurry');
  try {
    return await work();
  } finally {
    waiting--;
  }
}

export interface Pace {
  /** Resolves once the last turn is long enough ago, or at once where somebody waits. The next turn begins then. */
  readonly turn: () => Promise<void>;
  /** Takes no pause any more. */
  readonly end: () => void;
}

/**
 * Spaces out turns of work that come in a crowd, so that each does more at once: what costs a round trip for one costs the
 * same for ten. Whoever comes after a while without work is not held up.
 */
export function createPace(milliseconds: number): Pace {
  let last = -Infinity;
  let isEnded = false;
  let wake: (() => void) | null = null;
  return {
    turn: async () => {
      const left = last + milliseconds - performance.now();
      if (left > 0 && waiting === 0 && !isEnded) {
        await new Promise<void>((resolve) => {
          const done = (): void => {
            clearTimeout(timer);
            hurries.off('hurry', done);
            wake = null;
            resolve();
          };
          const timer = setTimeout(done, left);
          hurries.once('hurry', done);
          wake = done;
        });
      }
      last = performance.now();
    },
    end: () => {
      isEnded = true;
      wake?.();
    },
  };
}
