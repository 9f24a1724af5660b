import { HOP_HEADER, signHop } from 'kit/hop';
import type { Logger } from 'kit/logger';
import type { SubgraphError, SubgraphResponse } from 'kit/request';
import type { Viewer } from 'kit/viewer';
import type { Ready } from '../answer.ts';
import { codeOf, publicSubgraphError } from '../errors.ts';
import { SUBGRAPH_UNAVAILABLE } from '../execution/fetch.ts';
import { compileVariables } from '../execution/variables.ts';
import type { Connection, Connections } from './connections.ts';
import { primaryOf } from './primary.ts';
import { isPrintableCursor, type Source } from './source.ts';
import type { UpstreamOf } from './upstream-address.ts';
import { createUpstreamFeeds, type StartedFeed, type UpstreamQuestion } from './upstream-feeds.ts';
import type { HeadersFor, UpstreamRequest } from './upstream-request.ts';
import { subscribeOverSse } from './upstream-sse.ts';
import { subscribeOverSocket } from './upstream-ws.ts';

export interface Upstreams {
  /** Null where events of this subgraph come another way. */
  readonly sourceOf: (ready: Ready, connection: Connection, requestId: string) => Source | null;
  readonly close: () => void;
}

export interface UpstreamOptions {
  readonly upstreamOf: UpstreamOf;
  readonly connections: Pick<Connections, 'viewerOf'>;
  /** Signs the hop; null asks unsigned. */
  readonly secret: string | null;
  readonly log: Logger;
}

/**
 * Subscriptions at subgraphs that serve them. Identical ones of one viewer with the same credentials share one; nothing is
 * ever shared by two viewers here, since what a subgraph sends was meant for whom it has let in.
 */
export function createUpstreams({ upstreamOf, connections, secret, log }: UpstreamOptions): Upstreams {
  const feeds = createUpstreamFeeds();
  return {
    sourceOf: (ready, connection, requestId) => {
      const primary = primaryOf(ready.operation);
      const { service } = primary;
      const subgraph = ready.operation.graph.subgraphs.find(({ name }) => name === service);
      const address = subgraph ? upstreamOf(subgraph) : null;
      if (!address) return null;
      const request: Omit<UpstreamRequest, 'resumeFrom'> = {
        query: primary.text,
        ...(primary.operationName ? { operationName: primary.operationName } : {}),
        variables: compileVariables(primary.variableNames)(ready.variables.sent),
      };
      const subscribe = address.kind === 'sse' ? subscribeOverSse(address.url) : subscribeOverSocket(address.url);
      // Where a subgraph moves to, it is asked anew.
      const asked = ['upstream', address.kind, address.url, service, request];
      const question: UpstreamQuestion = {
        keyFor: (of) => JSON.stringify([...asked, ...holderOf(of)]),
        start: (feed) => {
          const headers = headersOf({ service, requestId, secret }, (of) => connections.viewerOf(of, requestId), feed);
          return subscribe({ ...request, resumeFrom: feed.cursor }, headers, feed.sink);
        },
        failed: (error) => {
          log.error({ err: error, service }, 'a subscription at a subgraph has failed');
          return unavailable(service);
        },
        published: (error) => publicSubgraphError(service, error, requestId, log),
      };
      return {
        get key() {
          return question.keyFor(connection);
        },
        isCursor: isPrintableCursor,
        follow: (options) => feeds.follow(question, connection, options),
        ask: (_ready, { payload }) => Promise.resolve(copyOf(payload as SubgraphResponse)),
        askWhether: null,
      };
    },
    close: feeds.close,
  };
}

/** What makes two connections one to a subgraph. Nobody is not somebody: what it answers to nobody may depend on the address. */
const holderOf = ({ viewer: { userId, kind }, authorization, forwarded, client }: Connection): readonly unknown[] => [
  userId,
  kind,
  authorization,
  forwarded,
  userId === null ? client : null,
];

/** Every reader writes into its own: fetches of other subgraphs are merged into it. */
const copyOf = (answer: SubgraphResponse): SubgraphResponse => structuredClone(answer);

const unavailable = (service: string): SubgraphError => ({
  message: `The part of the graph called "${service}" cannot be reached just now.`,
  extensions: { code: SUBGRAPH_UNAVAILABLE, service },
});

interface Signing {
  readonly service: string;
  readonly requestId: string;
  readonly secret: string | null;
}

/** Headers with the credentials, and for the viewer, of the moment of each connection. */
function headersOf(
  { service, requestId, secret }: Signing,
  viewerOf: (connection: Connection) => Promise<Viewer>,
  feed: StartedFeed,
): HeadersFor {
  return async (body) => {
    // As it is now: what is asked about is what is sent.
    const holder = { ...feed.holder() };
    const { authorization, forwarded, client } = holder;
    const viewer = await viewerOf(holder).catch((error: unknown) => {
      // What cannot be found out counts as holding, as it does for what is connected.
      if (codeOf(error) !== 'UNAUTHENTICATED') return holder.viewer;
      feed.forbid();
      throw error;
    });
    const hop = { viewer, requestId, client, after: [] };
    return {
      ...(forwarded as Record<string, string>),
      'x-request-id': requestId,
      ...(authorization === null ? {} : { authorization }),
      ...(secret === null ? {} : { [HOP_HEADER]: signHop(secret, service, hop, body) }),
    };
  };
}
