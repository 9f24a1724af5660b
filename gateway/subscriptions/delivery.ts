import type { Answer } from '../answer.ts';
import type { SourceEvent } from './source.ts';

/** One answer on its way to any number of subscribers: written once for all of them. */
export interface Delivery {
  readonly hasErrors: boolean;
  /** The answer as JSON, with the event's cursor in its extensions. */
  readonly text: (hasGap: boolean) => string;
}

/** What an event is for a viewer: an answer, or that it is not for them. */
export type Outcome = Delivery | 'hidden';

/** One try to work it out. */
export interface Attempt {
  readonly isFinal: boolean;
  /** The owner has answered; a subgraph that adds to it has not seen the event yet. */
  readonly isBehind?: boolean;
  readonly outcome: Outcome;
}

export function createDelivery(answer: Answer, { cursor }: SourceEvent): Delivery {
  // Written at once: what the answer is made of need not be kept, and nobody can change it any more.
  const written = { plain: textOf(answer, cursor, false), gap: null as string | null };
  return {
    hasErrors: (answer.errors?.length ?? 0) > 0,
    text: (hasGap) => (hasGap ? (written.gap ??= withGap(written.plain)) : written.plain),
  };
}

function textOf({ extensions, ...answer }: Answer, cursor: string | null, hasGap: boolean): string {
  const all = { ...extensions, ...(cursor === null ? {} : { cursor }), ...(hasGap ? { gap: true } : {}) };
  return JSON.stringify(Object.keys(all).length === 0 ? answer : { ...answer, extensions: all });
}

function withGap(text: string): string {
  const { extensions, ...answer } = JSON.parse(text) as Answer;
  return textOf({ ...answer, ...(extensions ? { extensions } : {}) }, null, true);
}

/** Says at once that events are lost, where there is none it could be said with. */
export const gapNotice = ({ cursor }: SourceEvent): string => textOf({ data: null }, cursor, true);
