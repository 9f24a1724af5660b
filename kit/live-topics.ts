import {
  beforeOf,
  type Entry,
  give,
  giveNotice,
  isBehind,
  type LiveEvent,
  type Mark,
  markOf,
  type Member,
  newMember,
  START,
} from './live-member.ts';
import type { Logger } from './logger.ts';

export interface LiveFollow extends AsyncIterator<LiveEvent, undefined> {
  readonly return: () => Promise<IteratorResult<LiveEvent, undefined>>;
}

export interface LiveSource {
  readonly range: (key: string, from: string, count: number) => Promise<Entry[]>;
  readonly last: (key: string) => Promise<Entry | undefined>;
  /** The last entry a key has had, remembered longer than its stream, which ends when nothing happens for long. */
  readonly lastEver: (key: string) => Promise<Mark | null>;
  /** A key has got its first follower, or lost its last one. */
  readonly onFirst: (key: string) => void;
  readonly onLast: (key: string) => void;
  readonly log: Logger;
}

export interface FollowOptions {
  /** A cursor to resume behind; without it only what happens from now on is followed. */
  readonly from?: string | undefined;
  /** Called at once when the follower is too slow; its next `next` throws LiveOverflow. */
  readonly onOverflow?: (() => void) | undefined;
}

interface Topic {
  readonly key: string;
  /** The last entry read for all live members; undefined until one is live. */
  cursor: string | undefined;
  /** The event that entry held, and the origin of the stream it is in, where they are known. */
  eventId: string | undefined;
  origin: string | undefined;
  readonly members: Set<Member>;
  isReading: boolean;
  isStale: boolean;
}

const newTopic = (key: string): Topic => ({
  key,
  cursor: undefined,
  eventId: undefined,
  origin: undefined,
  members: new Set(),
  isReading: false,
  isStale: false,
});

const PAGE = 100;
const RETRY_MILLISECONDS = 250;
const done = { value: undefined, done: true } as const;

/** The followers of one process, by key. Knows streams and cursors, nothing of connections. */
export function createLiveTopics(source: LiveSource) {
  const topics = new Map<string, Topic>();

  const open = (key: string): Topic => {
    const known = topics.get(key);
    if (known) return known;
    const topic = newTopic(key);
    topics.set(key, topic);
    source.onFirst(key);
    return topic;
  };

  return {
    keys: () => [...topics.keys()],
    cursors: () =>
      [...topics.values()].flatMap(({ key, cursor }) => (cursor === undefined ? [] : [[key, cursor] as const])),
    wake: (key: string): void => {
      const topic = topics.get(key);
      if (topic) void readTopic(source, topic);
    },
    follow: (key: string, { from, onOverflow }: FollowOptions): LiveFollow => {
      const topic = open(key);
      const member: Member = { ...newMember(), at: from, onOverflow };
      topic.members.add(member);
      void pull(source, topic, member);
      const end = (): typeof done => {
        leave(source, topics, topic, member);
        return done;
      };
      return { next: () => take(source, topic, member), return: () => Promise.resolve(end()) };
    },
    close: (): void => {
      for (const topic of topics.values()) for (const member of topic.members) leave(source, topics, topic, member);
    },
  };
}

/** Ends a member; the last one of a topic takes the topic with it. */
function leave(source: LiveSource, topics: Map<string, Topic>, topic: Topic, member: Member): void {
  member.isEnded = true;
  member.buffer.length = 0;
  member.waiting?.resolve(done);
  member.waiting = undefined;
  if (!topic.members.delete(member) || topic.members.size > 0) return;
  topics.delete(topic.key);
  source.onLast(topic.key);
}

function take(source: LiveSource, topic: Topic, member: Member): Promise<IteratorResult<LiveEvent, undefined>> {
  const event = member.buffer.shift();
  if (event) return Promise.resolve({ value: event, done: false });
  if (member.failure) return Promise.reject(member.failure);
  if (member.isEnded) return Promise.resolve(done);
  member.waiting = Promise.withResolvers();
  if (!member.isLive) void pull(source, topic, member);
  return member.waiting.promise;
}

/** Brings a new follower to where the topic's live members are, at the follower's own pace: one page ahead of what it has taken. */
async function pull(source: LiveSource, topic: Topic, member: Member): Promise<void> {
  if (member.isPulling) return;
  member.isPulling = true;
  while (!member.isLive && !member.isEnded && member.buffer.length === 0) {
    const goal = topic.cursor;
    try {
      if (member.at === undefined) member.at = (await endOf(source, topic.key)).id;
      else if (await catchUp(source, topic, member)) continue;
      // What the live members were given meanwhile, it may not have seen.
      if (topic.cursor === goal) join(source, topic, member);
    } catch {
      await new Promise((resolve) => setTimeout(resolve, RETRY_MILLISECONDS).unref());
    }
  }
  member.isPulling = false;
}

/** Reads one page of what a resuming follower has missed; false when there was no full page left. */
async function catchUp(source: LiveSource, topic: Topic, member: Member): Promise<boolean> {
  const from = member.at ?? START;
  const entries = await source.range(topic.key, from, PAGE + 1);
  const [first] = entries;
  const isContinuous = first ? isBehind(first, from) : await isIdle(source, topic.key, from);
  if (!isContinuous) member.hasGap = true;
  // Nothing is behind a cursor that is not there either: an emptied stream, or a cursor of another one.
  if (!isContinuous && entries.length === 0) member.at = (await endOf(source, topic.key)).id;
  for (const entry of entries) give(member, entry, source.log);
  return entries.length > PAGE;
}

/** Whether nothing has happened since an entry, for so long that its stream is forgotten. */
async function isIdle(source: LiveSource, key: string, since: string): Promise<boolean> {
  const { id } = (await source.lastEver(key)) ?? BEGINNING;
  return id === since && (await source.last(key)) === undefined;
}

const BEGINNING: Mark = { id: START, origin: undefined };

/** The last entry of a key, even where its stream is forgotten: the next one names it. */
async function endOf(source: LiveSource, key: string): Promise<Mark> {
  const last = await source.last(key);
  return last ? markOf(last) : ((await source.lastEver(key)) ?? BEGINNING);
}

function join(source: LiveSource, topic: Topic, member: Member): void {
  member.isLive = true;
  topic.cursor ??= member.at;
  giveNotice(member);
  // Entries that were added between the two reads.
  void readTopic(source, topic);
}

/** Reads what is new behind the topic's cursor and gives it to every live member. One read at a time per topic. */
async function readTopic(source: LiveSource, topic: Topic): Promise<void> {
  topic.isStale = true;
  if (topic.isReading || topic.cursor === undefined) return;
  topic.isReading = true;
  try {
    while (topic.isStale && topic.members.size > 0) {
      topic.isStale = false;
      const entries: Entry[] = await source.range(topic.key, topic.cursor, PAGE + 1);
      if (await isCut(source, topic, entries)) await restart(source, topic, entries);
      else deliver(source, topic, entries);
      if (entries.length > PAGE) topic.isStale = true;
    }
  } catch (error) {
    source.log.debug({ err: error, key: topic.key }, 'a live topic could not be read; trying again');
  } finally {
    topic.isReading = false;
  }
}

/**
 * Whether the entry read last is gone with all that was: there is nothing from the cursor on, or another event stands there (an
 * empty stream may give the same millisecond's first id again).
 */
async function isCut(source: LiveSource, { key, cursor, eventId }: Topic, [first]: readonly Entry[]): Promise<boolean> {
  if (cursor === START || cursor === undefined) return false;
  if (!first) return !(await isIdle(source, key, cursor));
  return first[0] === cursor && eventId !== undefined && first[1][1] !== eventId;
}

/**
 * Goes on in a stream that has lost its end, as after a crash of Redis, behind what is left of it. What stands in the place of
 * an emptied one is read from its beginning: all of it came after what was seen of the old one.
 */
async function restart(source: LiveSource, topic: Topic, [first]: readonly Entry[]): Promise<void> {
  const { id, origin } = first ? { ...markOf(first), id: beforeOf(first) ?? START } : await endOf(source, topic.key);
  const isSame = origin !== undefined && origin === topic.origin;
  topic.cursor = isSame ? id : START;
  topic.eventId = undefined;
  topic.isStale = true;
  for (const member of topic.members) {
    if (!member.isLive) continue;
    member.at = topic.cursor;
    member.hasGap = true;
  }
}

function deliver(source: LiveSource, topic: Topic, entries: readonly Entry[]): void {
  const [first] = entries;
  // The range starts at the entry read last: where that one is gone, others may be gone with it.
  const hasGap = first !== undefined && topic.cursor !== undefined && !isBehind(first, topic.cursor);
  for (const member of topic.members) {
    if (!member.isLive) continue;
    if (hasGap) member.hasGap = true;
    for (const entry of entries) give(member, entry, source.log);
  }
  const last = entries.at(-1);
  if (!last) return;
  topic.cursor = last[0];
  topic.eventId = last[1][1];
  topic.origin = markOf(last).origin;
}
