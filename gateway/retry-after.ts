import type { Answer } from './answer.ts';

interface Waiting {
  readonly retryAfterSeconds?: unknown;
}

const secondsOf = (extensions: Waiting | null | undefined): number => {
  const seconds = extensions?.retryAfterSeconds;
  return typeof seconds === 'number' && Number.isFinite(seconds) && seconds > 0 ? Math.ceil(seconds) : 0;
};

/**
 * How long an answer says to wait, for the header: by its errors, and of mutations by what their payloads give as reasons
 * (`userErrors`). Null where it does not. Of several the longest: whoever waits as long meets none of them again.
 */
export function retryAfterOf(answer: Answer, isMutation: boolean): number | null {
  let longest = 0;
  for (const { extensions } of answer.errors ?? []) longest = Math.max(longest, secondsOf(extensions));
  if (isMutation) {
    for (const payload of Object.values(answer.data ?? {})) {
      const { userErrors } = (payload ?? {}) as { readonly userErrors?: unknown };
      if (!Array.isArray(userErrors)) continue;
      for (const error of userErrors as readonly (Waiting | null)[]) longest = Math.max(longest, secondsOf(error));
    }
  }
  return longest > 0 ? longest : null;
}
