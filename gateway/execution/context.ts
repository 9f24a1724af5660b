import type { IncomingHttpHeaders } from 'node:http';
import type { EmittedEvent } from 'kit/hop';
import type { Client, Viewer } from 'kit/viewer';

/** What one operation carries through preparing, planning and fetching. */
export interface RequestContext {
  readonly viewer: Viewer;
  readonly requestId: string;
  readonly client: Client;
  /** As the client has sent them over HTTP; of a socket's operations and of events, its credentials and those that are forwarded. */
  readonly headers: IncomingHttpHeaders;
  /** Events this operation's mutations have caused so far. */
  readonly emitted: EmittedEvent[];
  /** Events that whatever it reads must have seen from the start. */
  readonly since: readonly EmittedEvent[];
  /** The plugins' own. */
  values: Map<string, unknown> | null;
  /** What an answer over HTTP says of rate limits. */
  limitHeaders: Readonly<Record<string, string>> | null;
  /** Headers that plugins add to an answer over HTTP. */
  answerHeaders: Readonly<Record<string, string>> | null;
}

const NO_HEADERS: IncomingHttpHeaders = {};
const NO_EVENTS: readonly EmittedEvent[] = [];

export function createContext(
  viewer: Viewer,
  requestId: string,
  client: Client,
  headers: IncomingHttpHeaders = NO_HEADERS,
  since: readonly EmittedEvent[] = NO_EVENTS,
): RequestContext {
  return {
    viewer,
    requestId,
    client,
    headers,
    emitted: [],
    since,
    values: null,
    limitHeaders: null,
    answerHeaders: null,
  };
}
