import type { Answer } from '../answer.ts';
import type { Encoded } from '../compression.ts';
import type { Entry } from './entry.ts';

/** What a client may be told about how long its answer is good. */
export interface AnswerCaching {
  readonly scope: 'PUBLIC' | 'PRIVATE';
  readonly maxAgeSeconds: number;
  readonly ageSeconds: number;
  /** The answer as JSON, written already. */
  readonly body: string;
  readonly kept: Kept;
}

/** What was worked out about an entry's body when it was sent; the next time it is there. */
export interface Kept {
  etag?: string;
  readonly encoded: Encoded;
}

const keptOf = new WeakMap<Entry, Kept>();

const told = new WeakMap<Answer, AnswerCaching>();

/** Null for answers that nobody may keep. */
export const cachingOf = (answer: Answer): AnswerCaching | null => told.get(answer) ?? null;

/** The answer's JSON: that of a cached one is not written again. */
export const jsonOf = (answer: Answer): string => told.get(answer)?.body ?? JSON.stringify(answer);

/** An answer out of an entry. Its data is read when first looked at, and is each request's own. */
export function answerOf(entry: Entry, scope: AnswerCaching['scope'], now: number): Answer {
  let data: Answer['data'];
  const answer: Answer = {
    get data() {
      return (data ??= (JSON.parse(entry.body) as { data: NonNullable<Answer['data']> }).data);
    },
  };
  note(answer, entry, scope, now);
  return answer;
}

export function note(answer: Answer, entry: Entry, scope: AnswerCaching['scope'], now: number): void {
  const { maxAgeSeconds, body, since } = entry;
  const ageSeconds = Math.max(0, Math.floor((now - since) / 1000));
  let kept = keptOf.get(entry);
  if (!kept) keptOf.set(entry, (kept = { encoded: new Map() }));
  told.set(answer, { scope, maxAgeSeconds, ageSeconds, body, kept });
}
