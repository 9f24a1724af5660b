import { createClient, type Client } from 'graphql-ws';
import type { SubgraphError, SubgraphResponse } from 'kit/request';
import { WebSocket } from 'ws';
import { RETRIES, waitToRetry } from './upstream-retry.ts';
import { payloadOf, type HeadersFor, type SubscribeUpstream } from './upstream-request.ts';

const MAX_PAYLOAD_BYTES = 32 * 1024 * 1024;
const KEEP_ALIVE_MILLISECONDS = 10_000;
const PONG_MILLISECONDS = 5000;

class UpstreamSocket extends WebSocket {
  constructor(url: string, protocols: string) {
    super(url, protocols, { maxPayload: MAX_PAYLOAD_BYTES, perMessageDeflate: false, handshakeTimeout: 5000 });
  }
}

interface Shared {
  readonly client: Client;
  readonly again: Set<() => void>;
}

export interface SocketUpstream {
  /** The subscriptions of one holder (a viewer with certain credentials, at one subgraph) share a socket. */
  readonly to: (url: string, holder: string) => SubscribeUpstream;
  readonly close: () => void;
}

/** Subgraphs that speak graphql-transport-ws. */
export function createSocketUpstream(): SocketUpstream {
  const open = new Map<string, Shared>();
  return {
    to: (url, holder) => (request, headers, sink) => {
      let shared = open.get(holder);
      if (!shared) open.set(holder, (shared = connect(url, headers)));
      const { client, again } = shared;
      let isEnded = false;
      const finish = (): boolean => {
        if (isEnded) return false;
        isEnded = true;
        again.delete(sink.again);
        if (again.size === 0 && open.get(holder)?.client === client) open.delete(holder);
        return true;
      };
      again.add(sink.again);
      const unsubscribe = client.subscribe<Record<string, unknown>>(payloadOf(request), {
        next: (answer) => sink.next(answer as SubgraphResponse),
        error: (error) => finish() && sink.end(outcomeOf(error)),
        complete: () => finish() && sink.end(),
      });
      return () => void (finish() && unsubscribe());
    },
    close: () => {
      for (const { client } of open.values()) void client.dispose();
      open.clear();
    },
  };
}

/** Errors of GraphQL, or why the socket could not be had. */
function outcomeOf(error: unknown): readonly SubgraphError[] | Error {
  if (Array.isArray(error)) return error as readonly SubgraphError[];
  if (error instanceof Error) return error;
  const { code, reason } = error as { readonly code?: unknown; readonly reason?: unknown };
  return new Error(`the socket was closed: ${String(code)} ${String(reason)}`);
}

function connect(url: string, headers: HeadersFor): Shared {
  const again = new Set<() => void>();
  let pongTimer: NodeJS.Timeout | undefined;
  let wasConnected = false;
  const client = createClient({
    url,
    webSocketImpl: UpstreamSocket,
    connectionParams: () => headers(''),
    retryAttempts: RETRIES,
    retryWait: waitToRetry,
    shouldRetry: () => true,
    keepAlive: KEEP_ALIVE_MILLISECONDS,
    on: {
      connected: () => {
        if (wasConnected) for (const tell of again) tell();
        wasConnected = true;
      },
      // A peer that has gone without saying so answers no ping.
      ping: (isReceived) => {
        if (!isReceived) pongTimer = setTimeout(() => client.terminate(), PONG_MILLISECONDS).unref();
      },
      pong: (isReceived) => {
        if (isReceived) clearTimeout(pongTimer);
      },
      closed: () => clearTimeout(pongTimer),
    },
  });
  return { client, again };
}
