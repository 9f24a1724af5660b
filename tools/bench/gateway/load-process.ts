import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { Load, LoadOptions, Target } from '../load.ts';

/** Clients in a process of their own, which share no event loop with what is measured or with the embedded Redis. */
export interface LoadProcess {
  readonly load: (target: Target, options: LoadOptions) => Promise<Load>;
  readonly stop: () => void;
}

export function startLoadProcess(): LoadProcess {
  const child = fork(new URL('./loader.ts', import.meta.url), { execArgv: [] });
  return {
    load: async (target, options) => {
      const ended = new AbortController();
      const exit = once(child, 'exit', ended).then(([code]) => {
        throw new Error(`the load generator ended with ${code}`);
      });
      const answer = once(child, 'message', ended).then(([result]) => result as Load);
      child.send({ target, options });
      // Whichever of the two is left waiting is told that it is over, and nobody minds.
      return Promise.race([answer, exit]).finally(() => {
        exit.catch(() => undefined);
        answer.catch(() => undefined);
        ended.abort();
      });
    },
    stop: () => {
      if (child.connected) child.disconnect();
    },
  };
}
