import type { SubgraphError } from 'kit/request';
import { CLOSE } from './closing.ts';
import type { Connection } from './connections.ts';
import { createMailbox, type Mailbox } from './mailbox.ts';
import { SourceEnded, type Follow, type FollowOptions, type SourceEvent } from './source.ts';
import { placeOf, type UpstreamSink } from './upstream-request.ts';

/** One question to one subgraph, as connections ask it. */
export interface UpstreamQuestion {
  /** The same for connections that may share one subscription at the subgraph, with the credentials they have at this moment. */
  readonly keyFor: (connection: Connection) => string;
  /** Starts it; answers how to end it. */
  readonly start: (feed: StartedFeed) => () => void;
  /** What a client is told where the subgraph cannot be reached, and of the subgraph's own errors. */
  readonly failed: (error: Error) => SubgraphError;
  readonly published: (error: SubgraphError) => SubgraphError;
}

/** What a subscription at a subgraph knows of its readers. */
export interface StartedFeed {
  readonly sink: UpstreamSink;
  /** Of its last event, where the subgraph gives them cursors. */
  readonly cursor: () => string | null;
  /** Whose credentials a connection that is made now goes by. Who holds others by now goes on in a feed of their own. */
  readonly holder: () => Connection;
  /** These credentials hold no more. */
  readonly forbid: () => void;
}

export interface UpstreamFeeds {
  readonly follow: (question: UpstreamQuestion, connection: Connection, options: FollowOptions) => Follow;
  readonly close: () => void;
}

/** Answers one reader may leave waiting. */
const WAITING_ANSWERS = 256;

/** One running subscription at a subgraph, and who reads it. */
interface Feed {
  /** Part of its events' ids: those of two feeds are never the same, even where one reader goes on from one to the other. */
  readonly id: string;
  readonly question: UpstreamQuestion;
  /** What its readers have in common, and what it is known by: the same, unless only those that have it already may read it. */
  holderKey: string;
  key: string;
  readonly readers: Set<Reader>;
  count: number;
  gaps: number;
  cursor: string | null;
  wasConnected: boolean;
  end: () => void;
}

interface Reader extends Mailbox<SourceEvent> {
  readonly connection: Connection;
  feed: Feed;
  hasGap: boolean;
  /** Its feed goes on behind a cursor: a subgraph that gives cursors has lost nothing there, or says itself that it has. */
  isResumed: boolean;
}

type Feeds = Map<string, Feed>;

/** The subscriptions that run at subgraphs: one for all readers that may share it. */
export function createUpstreamFeeds(): UpstreamFeeds {
  const feeds: Feeds = new Map();
  return {
    follow: (question, connection, { from, onOverflow }) => {
      const onReturn = (): void => leave(feeds, reader);
      const mailbox = createMailbox<SourceEvent>({ limit: WAITING_ANSWERS, onOverflow, onReturn });
      const place = { connection, hasGap: from !== null, isResumed: from !== null };
      const reader: Reader = Object.assign(mailbox, { ...place, feed: createFeed(question, '', '', from) });
      enter(feeds, question, reader, from);
      return reader;
    },
    close: () => {
      for (const feed of feeds.values()) feed.end();
    },
  };
}

const createFeed = (question: UpstreamQuestion, holderKey: string, key: string, cursor: string | null): Feed => ({
  id: crypto.randomUUID(),
  question,
  holderKey,
  key,
  readers: new Set(),
  count: 0,
  gaps: 0,
  cursor,
  wasConnected: false,
  end: () => undefined,
});

function enter(feeds: Feeds, question: UpstreamQuestion, reader: Reader, from: string | null): void {
  const holderKey = question.keyFor(reader.connection);
  // Who resumes is behind the others, and gets a feed of their own.
  const key = from === null ? holderKey : `${holderKey} ${crypto.randomUUID()}`;
  const known = feeds.get(key);
  const feed = known ?? createFeed(question, holderKey, key, from);
  reader.feed = feed;
  feed.readers.add(reader);
  if (known) return;
  feeds.set(key, feed);
  feed.end = question.start({
    sink: sinkOf(feeds, feed),
    cursor: () => feed.cursor,
    holder: () => holderOf(feeds, feed),
    forbid: () => forbid(feeds, feed),
  });
}

function leave(feeds: Feeds, reader: Reader): void {
  const { feed } = reader;
  if (!feed.readers.delete(reader) || feed.readers.size > 0) return;
  forget(feeds, feed);
  feed.end();
}

function forget(feeds: Feeds, feed: Feed): void {
  if (feeds.get(feed.key) === feed) feeds.delete(feed.key);
}

function holderOf(feeds: Feeds, feed: Feed): Connection {
  const [first] = feed.readers;
  if (!first) throw new Error('nobody reads this any more');
  const { keyFor } = feed.question;
  const key = keyFor(first.connection);
  if (feed.holderKey !== key) {
    const isShared = feed.key === feed.holderKey && !feeds.has(key);
    forget(feeds, feed);
    Object.assign(feed, { holderKey: key, key: isShared ? key : `${key} ${feed.id}` });
    feeds.set(feed.key, feed);
  }
  moveOthers(feeds, feed);
  return first.connection;
}

/** Those who hold other credentials by now go on by themselves, from where the feed is. */
function moveOthers(feeds: Feeds, feed: Feed): void {
  for (const reader of feed.readers) {
    if (feed.question.keyFor(reader.connection) === feed.holderKey) continue;
    feed.readers.delete(reader);
    if (feed.wasConnected) Object.assign(reader, { hasGap: true, isResumed: feed.cursor !== null });
    enter(feeds, feed.question, reader, feed.cursor);
  }
}

function forbid(feeds: Feeds, feed: Feed): void {
  forget(feeds, feed);
  // They may have been refreshed while the old ones were looked at.
  moveOthers(feeds, feed);
  for (const reader of feed.readers) {
    reader.connection.close(CLOSE.forbidden);
    reader.end();
  }
  feed.end();
}

function sinkOf(feeds: Feeds, feed: Feed): UpstreamSink {
  const { failed, published } = feed.question;
  const end: UpstreamSink['end'] = (outcome) => {
    forget(feeds, feed);
    const errors = outcome instanceof Error ? [failed(outcome)] : outcome?.map(published);
    for (const reader of feed.readers) reader.end(errors ? new SourceEnded(errors) : undefined);
  };
  return {
    next: (answer) => {
      const { data = null, errors = [] } = answer;
      // Without any `data` nothing has run: many servers refuse a subscription that way.
      if (answer.data === undefined && errors.length > 0) return end(errors);
      const payload = { data, ...(errors.length > 0 ? { errors: errors.map(published) } : {}) };
      const { cursor, isGap } = placeOf(answer);
      feed.cursor = cursor;
      const isNotice = isGap && data === null && errors.length === 0;
      // Behind a gap a subgraph may have begun its cursors anew.
      if (isGap) feed.gaps++;
      const id = `${feed.id}:${feed.gaps}:${cursor ?? ++feed.count}`;
      const event = { cursor, id, hasGap: isGap, isNotice, payload };
      for (const reader of feed.readers) {
        // One without cursors has made nothing of the one it was given.
        const isLost = reader.hasGap && !(reader.isResumed && cursor !== null);
        reader.push(isLost ? { ...event, hasGap: true } : event);
        reader.hasGap = false;
      }
    },
    connected: () => {
      const lost = { hasGap: true, isResumed: feed.cursor !== null };
      if (feed.wasConnected) for (const reader of feed.readers) Object.assign(reader, lost);
      feed.wasConnected = true;
    },
    end,
  };
}
