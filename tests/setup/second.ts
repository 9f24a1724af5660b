import { startSecond } from 'kit/testing/second';
import { Frontend, sleep } from './client.ts';

/**
 * As `startSecond`, where other processes take part: a bystander asks something all the while, and what is late with that is
 * late with everything. The answer ends it, and is what the promised second comes to, in milliseconds.
 */
export function startSecondBeside(ask: () => Promise<unknown>): () => Promise<number> {
  const second = startSecond();
  let isOver = false;
  let longest = 0;
  const asking = (async () => {
    while (!isOver) {
      const askedAt = performance.now();
      await ask();
      longest = Math.max(longest, performance.now() - askedAt);
      await sleep(20);
    }
  })();
  return async () => {
    isOver = true;
    await asking;
    return second() + 2 * longest;
  };
}

/** When, in milliseconds after `since`, something was asked last and still seen; what is asked later than five seconds is not waited for. */
export async function lastSeen(isSeen: () => Promise<boolean>, since: number): Promise<number> {
  for (let last = 0; ;) {
    const askedAt = performance.now() - since;
    if (askedAt > 5000 || !(await isSeen())) return last;
    last = askedAt;
    await sleep(20);
  }
}

/** Expects that what has just ended is seen no more within the second that is promised, by whoever asks `graph`. */
export async function withinASecond({ url }: { readonly url: string }, isSeen: () => Promise<boolean>): Promise<void> {
  const since = performance.now();
  const second = startSecondBeside(() => new Frontend(url).data('{ __typename }'));
  const last = await lastSeen(isSeen, since);
  expect(last).toBeLessThan(await second());
}
