import { createClient } from 'graphql-sse';
import type { SubgraphResponse } from 'kit/request';
import { Agent, fetch } from 'undici';
import { RETRIES, waitToRetry } from './upstream-retry.ts';
import { payloadOf, type SubscribeUpstream } from './upstream-request.ts';

/** A stream is quiet between its events; what is lost is found out by TCP's keep-alive. */
const dispatcher = new Agent({ bodyTimeout: 0, headersTimeout: 10_000, connect: { timeout: 2000 } });

/** GraphQL over SSE, distinct connections mode. */
export function subscribeOverSse(url: string): SubscribeUpstream {
  return (request, headers, sink) => {
    const client = createClient({
      url,
      headers: (sent) => headers(JSON.stringify(sent)),
      fetchFn: (input: string, init: object) => fetch(input, { ...init, dispatcher }),
      retryAttempts: RETRIES,
      retry: waitToRetry,
    });
    let isEnded = false;
    let wasConnected = false;
    const end = (outcome?: Error): void => {
      if (isEnded) return;
      isEnded = true;
      sink.end(outcome);
    };
    client.subscribe(
      payloadOf(request),
      {
        next: (answer) => sink.next(answer as SubgraphResponse),
        error: (error) => end(error instanceof Error ? error : new Error('the stream has failed')),
        complete: () => end(),
      },
      {
        connected: () => {
          if (wasConnected) sink.again();
          wasConnected = true;
        },
      },
    );
    return () => {
      isEnded = true;
      client.dispose();
    };
  };
}
