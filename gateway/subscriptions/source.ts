import type { SubgraphResponse } from 'kit/request';
import type { RequestContext } from '../execution/context.ts';
import type { Ready } from '../answer.ts';

/** One thing that has happened. */
export interface SourceEvent {
  /** Where it stands among the others, for resuming behind it; null where its source cannot be resumed. */
  readonly cursor: string | null;
  /** Its own id: a repeated delivery has the same. */
  readonly id: string;
  /** Under which subgraphs consume it, where they do: what is fetched for it is no older than it. */
  readonly type?: string | undefined;
  /** Events between the one before and this one may be lost. */
  readonly hasGap: boolean;
  /** Nothing has happened: it only says at once that there was a gap. */
  readonly isNotice?: boolean | undefined;
  readonly payload: Readonly<Record<string, unknown>>;
}

export interface Follow extends AsyncIterator<SourceEvent, undefined> {
  readonly return: () => Promise<IteratorResult<SourceEvent, undefined>>;
}

export interface FollowOptions {
  readonly from: string | null;
  /** Called at once where the reader is too slow; its next `next` throws. */
  readonly onOverflow: () => void;
}

/** Where the events of a subscription come from, and who says what is in them. */
export interface Source {
  /** The same for subscriptions that see the same events. */
  readonly key: string;
  /** Whether this may be the cursor of one of its events. */
  readonly isCursor: (text: string) => boolean;
  readonly follow: (options: FollowOptions) => Follow;
  /** The owner's part of an answer, for one viewer at this moment. A viewer that may not see it gets nothing or a refusal. */
  readonly ask: Ask;
  /** The same with nothing selected: only whether the viewer may. Null where `ask` asks nobody. */
  readonly askWhether: Ask | null;
}

export type Ask = (ready: Ready, event: SourceEvent, context: RequestContext) => Promise<SubgraphResponse>;

/** An entry of a stream in Redis. */
export const isStreamCursor = (text: string): boolean => /^\d{1,16}-\d{1,16}$/.test(text);

/** Whatever a subgraph may call its events by that a header and a line of text can hold. */
export const isPrintableCursor = (text: string): boolean => /^[\x21-\x7e]{1,200}$/.test(text);

/** The source has ended before its reader: what it said on the way. */
export class SourceEnded extends Error {
  readonly errors: readonly NonNullable<SubgraphResponse['errors']>[number][];

  constructor(errors: SourceEnded['errors']) {
    super(errors.map(({ message }) => message).join('; '));
    this.errors = errors;
  }
}
