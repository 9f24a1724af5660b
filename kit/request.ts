import type { Hop } from './hop.ts';

/** A GraphQL operation on its way to one subgraph. */
export interface SubgraphRequest {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly operationName?: string | null;
  /**
   * Live data without a socket. `subscribe`: check that the viewer may follow this subscription's root field and answer
   * its topic in `extensions.topic`. An object: answer the subscription's selection for this event's payload.
   */
  readonly live?: 'subscribe' | { readonly event: Readonly<Record<string, unknown>> };
}

export interface SubgraphResponse {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly SubgraphError[];
  readonly extensions?: {
    /** Events the operation's mutations have emitted. */
    readonly emitted?: readonly { readonly id: string; readonly type: string }[];
    /** Answer to `live: 'subscribe'`: the topic whose events the gateway feeds back. */
    readonly topic?: string;
  };
}

export interface SubgraphError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/** How a fetch reaches a subgraph. In one process it is a function call, in a cluster HTTP; both answer the same. */
export interface Transport {
  /** `headers` go with a request over HTTP; a function call has none. */
  readonly send: (
    request: SubgraphRequest,
    hop: Hop,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<SubgraphResponse>;
  readonly close: () => Promise<void>;
}
