import { HOP_HEADER, signHop } from 'kit/hop';
import type { Logger } from 'kit/logger';
import type { SubgraphError, SubgraphResponse } from 'kit/request';
import { publicSubgraphError } from '../errors.ts';
import type { RequestContext } from '../execution/context.ts';
import { SUBGRAPH_UNAVAILABLE } from '../execution/fetch.ts';
import { compileVariables } from '../execution/variables.ts';
import type { Ready } from '../answer.ts';
import { createMailbox, type Mailbox } from './mailbox.ts';
import { primaryOf } from './primary.ts';
import { isPrintableCursor, SourceEnded, type Follow, type Source, type SourceEvent } from './source.ts';
import type { UpstreamOf } from './upstream-address.ts';
import type { HeadersFor, SubscribeUpstream, UpstreamRequest, UpstreamSink } from './upstream-request.ts';
import { subscribeOverSse } from './upstream-sse.ts';
import { createSocketUpstream } from './upstream-ws.ts';

export interface Upstreams {
  /** Null where events of this subgraph come another way. */
  readonly sourceOf: (ready: Ready, context: RequestContext, authorization: string | null) => Source | null;
  readonly close: () => void;
}

export interface UpstreamOptions {
  readonly upstreamOf: UpstreamOf;
  /** Signs the hop; null asks unsigned. */
  readonly secret: string | null;
  readonly log: Logger;
}

/** Answers one reader may leave waiting. */
const WAITING_ANSWERS = 256;

/** One running subscription at a subgraph, and who reads it. */
interface Feed {
  /** Part of its events' ids: those of two feeds are never the same, even where one reader goes on from one to the other. */
  readonly id: string;
  readonly readers: Set<Reader>;
  count: number;
  /** Of the last event, where the subgraph gives them cursors. */
  cursor: string | null;
  /** Whether its connection began behind a cursor: a subgraph has gone on there, or says itself that it could not. */
  isResumed: boolean;
  end: () => void;
}

interface Reader extends Mailbox<SourceEvent> {
  hasGap: boolean;
}

/**
 * Subscriptions at subgraphs that serve them. Identical ones of one viewer with the same credentials share one; nothing is
 * ever shared by two viewers here, since what a subgraph sends was meant for whom it has let in.
 */
export function createUpstreams({ upstreamOf, secret, log }: UpstreamOptions): Upstreams {
  const feeds = new Map<string, Feed>();
  const sockets = createSocketUpstream();
  return {
    sourceOf: (ready, context, authorization) => {
      const primary = primaryOf(ready.operation);
      const subgraph = ready.operation.graph.subgraphs.find(({ name }) => name === primary.service);
      const address = subgraph ? upstreamOf(subgraph) : null;
      if (!address) return null;
      const request: Omit<UpstreamRequest, 'resumeFrom'> = {
        query: primary.text,
        ...(primary.operationName ? { operationName: primary.operationName } : {}),
        variables: compileVariables(primary.variableNames)(ready.variables.sent),
      };
      const viewer = JSON.stringify([context.viewer, context.viewer.userId === null && context.client, authorization]);
      // Where a subgraph moves to, it is asked anew.
      const where = [address.kind, address.url, primary.service];
      const key = JSON.stringify(['upstream', where, request, viewer]);
      const headers = headersOf(primary.service, secret, context, authorization);
      const subscribe: SubscribeUpstream =
        address.kind === 'sse'
          ? subscribeOverSse(address.url)
          : sockets.to(address.url, JSON.stringify([where, viewer]));
      const start: Start = (sink, resumeFrom) => subscribe({ ...request, resumeFrom }, headers, sink);
      const failed = (error: Error): SubgraphError => {
        log.error({ err: error, service: primary.service }, 'a subscription at a subgraph has failed');
        return unavailable(primary.service);
      };
      const published = (error: SubgraphError): SubgraphError =>
        publicSubgraphError(primary.service, error, context.requestId, log);
      return {
        key,
        isCursor: isPrintableCursor,
        follow: ({ from, onOverflow }) => join(feeds, key, start, { failed, published }, from, onOverflow),
        ask: (_ready, { payload }) => Promise.resolve(copyOf(payload as SubgraphResponse)),
        askWhether: null,
      };
    },
    close: () => {
      for (const feed of feeds.values()) feed.end();
      sockets.close();
    },
  };
}

/** Every reader writes into its own: fetches of other subgraphs are merged into it. */
const copyOf = (answer: SubgraphResponse): SubgraphResponse => structuredClone(answer);

const unavailable = (service: string): SubgraphError => ({
  message: `The part of the graph called "${service}" cannot be reached just now.`,
  extensions: { code: SUBGRAPH_UNAVAILABLE, service },
});

interface Publish {
  readonly failed: (error: Error) => SubgraphError;
  readonly published: (error: SubgraphError) => SubgraphError;
}

const createFeed = (from: string | null): Feed => ({
  id: crypto.randomUUID(),
  readers: new Set(),
  count: 0,
  cursor: from,
  isResumed: from !== null,
  end: () => undefined,
});

type Start = (sink: UpstreamSink, resumeFrom: () => string | null) => () => void;

function join(
  feeds: Map<string, Feed>,
  what: string,
  start: Start,
  publish: Publish,
  from: string | null,
  onOverflow: () => void,
): Follow {
  // Who resumes is behind the others, and gets a feed of their own.
  const key = from === null ? what : `${what} ${crypto.randomUUID()}`;
  let feed = feeds.get(key);
  const isFirst = feed === undefined;
  if (!feed) feeds.set(key, (feed = createFeed(from)));
  const mine = feed;
  const mailbox = createMailbox<SourceEvent>({
    limit: WAITING_ANSWERS,
    onOverflow,
    onReturn: () => {
      if (!mine.readers.delete(reader) || mine.readers.size > 0) return;
      if (feeds.get(key) === mine) feeds.delete(key);
      mine.end();
    },
  });
  const reader: Reader = Object.assign(mailbox, { hasGap: from !== null });
  mine.readers.add(reader);
  if (isFirst) mine.end = start(sinkOf(feeds, key, mine, publish), () => mine.cursor);
  return reader;
}

function sinkOf(feeds: Map<string, Feed>, key: string, feed: Feed, { failed, published }: Publish): UpstreamSink {
  const end: UpstreamSink['end'] = (outcome) => {
    if (feeds.get(key) === feed) feeds.delete(key);
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
      const event = { cursor, id: cursor ?? `${feed.id}:${++feed.count}`, hasGap: isGap, isNotice, payload };
      // One without cursors has made nothing of the one it was given.
      const isResumed = feed.isResumed && cursor !== null;
      for (const reader of feed.readers) {
        reader.push(reader.hasGap && !isResumed ? { ...event, hasGap: true } : event);
        reader.hasGap = false;
      }
    },
    again: () => {
      feed.isResumed = feed.cursor !== null;
      for (const reader of feed.readers) reader.hasGap = true;
    },
    end,
  };
}

/** Where an answer stands among the others, if its subgraph says so as this gateway does to its own clients. */
function placeOf({ extensions }: SubgraphResponse): { readonly cursor: string | null; readonly isGap: boolean } {
  const { cursor, gap } = (extensions ?? {}) as { readonly cursor?: unknown; readonly gap?: unknown };
  return { cursor: typeof cursor === 'string' && isPrintableCursor(cursor) ? cursor : null, isGap: gap === true };
}

function headersOf(
  service: string,
  secret: string | null,
  { viewer, requestId, client }: RequestContext,
  authorization: string | null,
): HeadersFor {
  return (body) => ({
    'x-request-id': requestId,
    ...(authorization === null ? {} : { authorization }),
    ...(secret === null
      ? {}
      : { [HOP_HEADER]: signHop(secret, service, { viewer, requestId, client, after: [] }, body) }),
  });
}
