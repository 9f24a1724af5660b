import { runInThisContext } from 'node:vm';
import type { ExecutionResult } from 'graphql';

/** All that can be seen of an answer; errors in an order of their own. */
export const seen = ({ data, errors }: ExecutionResult) => ({
  data: JSON.stringify(data),
  errors: errors?.map((error) => `${JSON.stringify(error)} ${String(error.originalError)}`).sort(),
});

/** The process itself; tests are given a copy, whose listeners hear nothing. */
const real = runInThisContext('process') as NodeJS.Process;

/** Does `work` and answers how many rejections were left to nobody meanwhile, which would end a process. */
export async function unhandledIn(work: () => unknown): Promise<number> {
  let count = 0;
  const runners = real.listeners('unhandledRejection');
  real.removeAllListeners('unhandledRejection').on('unhandledRejection', () => count++);
  try {
    await work();
    await new Promise((resolve) => setTimeout(resolve, 20));
  } finally {
    real.removeAllListeners('unhandledRejection');
    for (const one of runners) real.on('unhandledRejection', one);
  }
  return count;
}
