import type { SubgraphError, SubgraphResponse } from 'kit/request';

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
  /** The connection was lost and is there again. */
  readonly again: () => void;
  /** Nothing more comes: errors of the subgraph, or a failure to reach it. */
  readonly end: (outcome?: readonly SubgraphError[] | Error) => void;
}

/** Headers of a request, or the same in connection_init: made anew with every connection. `body` is what a signature covers. */
export type HeadersFor = (body: string) => Record<string, string>;

/** Starts a subscription at a subgraph; answers how to end it. */
export type SubscribeUpstream = (request: UpstreamRequest, headers: HeadersFor, sink: UpstreamSink) => () => void;
