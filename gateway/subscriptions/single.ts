import { inScope } from 'kit/scope';
import type { Answer } from '../answer.ts';
import type { Messages } from './subscription.ts';

/** A query or mutation as a subscription that has one message. */
export function single(execute: () => Promise<Answer>, requestId: string): Messages {
  const done = { value: undefined, done: true } as const;
  let isAsked = false;
  return {
    next: async () => {
      if (isAsked) return done;
      isAsked = true;
      const answer = await inScope(requestId, execute);
      return { value: { text: JSON.stringify(answer), cursor: null }, done: false };
    },
    return: () => Promise.resolve(done),
  };
}
