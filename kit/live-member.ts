import type { Logger } from './logger.ts';

export interface LiveEvent {
  /** Where this event stands in its topic: resume behind it with `follow(topic, { from: cursor })`. */
  readonly cursor: string;
  /** The event's own id; a repeated delivery carries the same one. */
  readonly id: string;
  readonly payload: Readonly<Record<string, unknown>>;
  /** Events between the previous one (or the cursor asked for) and this one may be lost. */
  readonly hasGap: boolean;
}

/** The follower did not take its events in time. */
export class LiveOverflow extends Error {}

/** One entry of a Redis stream. */
export type Entry = [id: string, fields: string[]];

/** One follower of a topic. */
export interface Member {
  /** The last entry it was given. Behind it until `isLive`, then only guards against repeats. */
  at: string | undefined;
  isLive: boolean;
  isPulling: boolean;
  isEnded: boolean;
  hasGap: boolean;
  failure: Error | undefined;
  readonly onOverflow: (() => void) | undefined;
  readonly buffer: LiveEvent[];
  waiting: PromiseWithResolvers<IteratorResult<LiveEvent, undefined>> | undefined;
}

/** Events one follower may leave waiting. */
const BUFFERED_EVENTS = 256;
/** Before every entry. */
export const START = '0-0';

export const newMember = (): Member => ({
  at: undefined,
  isLive: false,
  isPulling: false,
  isEnded: false,
  hasGap: false,
  failure: undefined,
  onOverflow: undefined,
  buffer: [],
  waiting: undefined,
});

/** Hands a member one entry, unless it has had it. What does not fit in its buffer ends it. */
export function give(member: Member, [cursor, fields]: Entry, log: Logger): void {
  if (member.isEnded || member.failure || !isAfter(cursor, member.at ?? START)) return;
  const event = parseEntry(cursor, fields, member.hasGap);
  member.at = cursor;
  if (!event) return log.error({ cursor }, 'a live entry that is no event was passed over');
  member.hasGap = false;
  if (member.waiting) {
    member.waiting.resolve({ value: event, done: false });
    member.waiting = undefined;
  } else if (member.buffer.length < BUFFERED_EVENTS) {
    member.buffer.push(event);
  } else {
    member.failure = new LiveOverflow(`more than ${BUFFERED_EVENTS} events were waiting`);
    member.buffer.length = 0;
    member.onOverflow?.();
  }
}

function parseEntry(cursor: string, fields: readonly string[], hasGap: boolean): LiveEvent | null {
  const [idName, id, payloadName, payload] = fields;
  if (idName !== 'id' || payloadName !== 'payload' || id === undefined || payload === undefined) return null;
  try {
    return { cursor, id, payload: JSON.parse(payload) as Record<string, unknown>, hasGap };
  } catch {
    return null;
  }
}

/** Whether one stream entry id (`milliseconds-sequence`) comes after another. */
function isAfter(id: string, other: string): boolean {
  const [time = 0, sequence = 0] = id.split('-').map(Number);
  const [otherTime = 0, otherSequence = 0] = other.split('-').map(Number);
  return time > otherTime || (time === otherTime && sequence > otherSequence);
}
