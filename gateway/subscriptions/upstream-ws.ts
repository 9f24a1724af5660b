import { createClient, type Client } from 'graphql-ws';
import type { SubgraphError, SubgraphResponse } from 'kit/request';
import { WebSocket } from 'ws';
import { RETRIES, waitToRetry } from './upstream-retry.ts';
import { payloadOf, type HeadersFor, type SubscribeUpstream, type UpstreamSink } from './upstream-request.ts';

const MAX_PAYLOAD_BYTES = 32 * 1024 * 1024;
const KEEP_ALIVE_MILLISECONDS = 10_000;
const PONG_MILLISECONDS = 5000;

class UpstreamSocket extends WebSocket {
  constructor(url: string, protocols: string) {
    super(url, protocols, { maxPayload: MAX_PAYLOAD_BYTES, perMessageDeflate: false, handshakeTimeout: 5000 });
  }
}

/** A subgraph that speaks graphql-transport-ws: a socket for each subscription, as its credentials are those of one moment. */
export function subscribeOverSocket(url: string): SubscribeUpstream {
  return (request, headers, sink) => {
    let isEnded = false;
    const end = (outcome?: Parameters<UpstreamSink['end']>[0]): void => {
      if (isEnded) return;
      isEnded = true;
      sink.end(outcome);
    };
    const client = connect(url, headers, sink.connected);
    const unsubscribe = client.subscribe<Record<string, unknown>>(payloadOf(request), {
      next: (answer) => sink.next(answer as SubgraphResponse),
      error: (error) => end(outcomeOf(error)),
      complete: () => end(),
    });
    return () => {
      isEnded = true;
      unsubscribe();
    };
  };
}

/** Errors of GraphQL, or why the socket could not be had. */
function outcomeOf(error: unknown): readonly SubgraphError[] | Error {
  if (Array.isArray(error)) return error as readonly SubgraphError[];
  if (error instanceof Error) return error;
  const { code, reason } = error as { readonly code?: unknown; readonly reason?: unknown };
  return new Error(`the socket was closed: ${String(code)} ${String(reason)}`);
}

function connect(url: string, headers: HeadersFor, onConnected: () => void): Client {
  let pongTimer: NodeJS.Timeout | undefined;
  const client = createClient({
    url,
    webSocketImpl: UpstreamSocket,
    connectionParams: () => headers(''),
    retryAttempts: RETRIES,
    retryWait: waitToRetry,
    shouldRetry: () => true,
    keepAlive: KEEP_ALIVE_MILLISECONDS,
    on: {
      connected: onConnected,
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
  return client;
}
