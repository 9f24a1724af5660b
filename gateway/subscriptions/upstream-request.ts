import type { SubgraphError, SubgraphResponse } from 'kit/request';
import { isPrintableCursor } from './source.ts';

export interface UpstreamRequest {
  readonly query: string;
  readonly operationName?: string;
  readonly variables: Readonly<Record<string, unknown>>;
  /** The last event there is of it, where the subgraph gives its events cursors. */
  readonly resumeFrom: () => string | null;
}

/** What is sent, with the cursor of the moment it is sent: a connection that is made again goes on where the last one ended. */
export function payloadOf({ resumeFrom, query, operationName, variables }: UpstreamRequest) {
  return {
    query,
    ...(operationName === undefined ? {} : { operationName }),
    variables: { ...variables },
    get extensions() {
      const from = resumeFrom();
      return from === null ? {} : { resumeFrom: from };
    },
  };
}

/** What a subgraph sends, whichever way. */
export interface UpstreamSink {
  readonly next: (answer: SubgraphResponse) => void;
  /** The connection is there, or is there again. */
  readonly connected: () => void;
  /** Nothing more comes: errors of the subgraph, or a failure to reach it. */
  readonly end: (outcome?: readonly SubgraphError[] | Error) => void;
}

/**
 * Headers of a request, or the same in connection_init: made anew with every connection. `body` is what a signature covers.
 * Rejects where whoever asks may not, any more: then nobody waits for an answer either.
 */
export type HeadersFor = (body: string) => Promise<Record<string, string>>;

/** Starts a subscription at a subgraph; answers how to end it. */
export type SubscribeUpstream = (request: UpstreamRequest, headers: HeadersFor, sink: UpstreamSink) => () => void;

/** Where an answer stands among the others, if its subgraph says so as this gateway does to its own clients. */
export function placeOf({ extensions }: SubgraphResponse): { readonly cursor: string | null; readonly isGap: boolean } {
  const { cursor, gap } = (extensions ?? {}) as { readonly cursor?: unknown; readonly gap?: unknown };
  return { cursor: typeof cursor === 'string' && isPrintableCursor(cursor) ? cursor : null, isGap: gap === true };
}
