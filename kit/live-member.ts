import type { Logger } from './logger.ts';

export interface LiveEvent {
  /** Where this event stands in its topic: resume behind it with `follow(topic, { from: cursor })`. */
  readonly cursor: string;
  /** The event's own id; a repeated delivery carries the same one. */
  readonly id: string;
  /** Under which subgraphs consume it; undefined where none is known to. */
  readonly type?: string | undefined;
  readonly payload: Readonly<Record<string, unknown>>;
  /** Events between the previous one (or the cursor asked for) and this one may be lost. */
  readonly hasGap: boolean;
  /** Nothing has happened: it says at once that there is a gap where nothing is left to say it with. */
  readonly isNotice?: boolean;
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
export function give(member: Member, entry: Entry, log: Logger): void {
  const [cursor] = entry;
  if (member.isEnded || member.failure || !isAfter(cursor, member.at ?? START)) return;
  const event = eventOf(entry);
  member.at = cursor;
  if (!event) return log.error({ cursor }, 'a live entry that is no event was passed over');
  deliver(member, member.hasGap ? { ...event, hasGap: true } : event);
}

/** Tells a member at once that it has lost events, unless the next one has told it. */
export function giveNotice(member: Member): void {
  if (member.isEnded || member.failure || !member.hasGap) return;
  deliver(member, { cursor: member.at ?? START, id: '', payload: {}, hasGap: true, isNotice: true });
}

function deliver(member: Member, event: LiveEvent): void {
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

/** Read once, however many members are given it. */
const events = new WeakMap<Entry, LiveEvent | null>();

function eventOf(entry: Entry): LiveEvent | null {
  let event = events.get(entry);
  if (event === undefined) events.set(entry, (event = parseEntry(entry)));
  return event;
}

function parseEntry([cursor, fields]: Entry): LiveEvent | null {
  const [idName, id, payloadName, payload] = fields;
  const type = fields[6] === 'type' && fields[7] ? fields[7] : undefined;
  if (idName !== 'id' || payloadName !== 'payload' || id === undefined || payload === undefined) return null;
  try {
    return { cursor, id, type, payload: JSON.parse(payload) as Record<string, unknown>, hasGap: false };
  } catch {
    return null;
  }
}

/** A place in a stream: an entry's id, and the origin of the stream it is in, if known. */
export interface Mark {
  readonly id: string;
  readonly origin: string | undefined;
}

export const markOf = ([id, fields]: Entry): Mark => ({
  id,
  origin: fields[8] === 'origin' ? fields[9] : undefined,
});

/** The id of the entry that an entry names as the one before it. */
export const beforeOf = ([, fields]: Entry): string | undefined =>
  fields[4] === 'after' && fields[5] ? fields[5] : undefined;

/** Whether nothing was between the entry `from` and this one: it is that one, or says that it came right behind it (or that it was the first). */
export const isBehind = ([id, fields]: Entry, from: string): boolean =>
  id === from || (fields[4] === 'after' && fields[5] === (from === START ? '' : from));

/** Whether one stream entry id (`milliseconds-sequence`) comes after another. */
function isAfter(id: string, other: string): boolean {
  const [time = 0, sequence = 0] = id.split('-').map(Number);
  const [otherTime = 0, otherSequence = 0] = other.split('-').map(Number);
  return time > otherTime || (time === otherTime && sequence > otherSequence);
}
