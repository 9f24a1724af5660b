import { createClient, type Client } from 'graphql-ws';
import { WebSocket } from 'ws';
import type { TestGateway } from './gateway.ts';

export interface Received {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly { message: string; extensions?: Record<string, unknown> }[];
  readonly extensions?: { readonly cursor?: string; readonly gap?: boolean };
}

export interface Closed {
  readonly code: number;
  readonly reason: string;
}

export interface Subscriber {
  /** Everything received so far. */
  readonly received: readonly Received[];
  /** The errors the subscription was refused with, once it was. */
  readonly refused: Promise<unknown>;
  /** Resolves with the `count`-th message, counted from 1. */
  readonly nth: (count: number) => Promise<Received>;
  readonly unsubscribe: () => void;
}

export interface TestClient {
  readonly subscribe: (query: string, options?: SubscribeOptions) => Subscriber;
  readonly closed: Promise<Closed>;
  readonly dispose: () => void;
}

export interface SubscribeOptions {
  readonly variables?: Record<string, unknown>;
  readonly resumeFrom?: unknown;
}

/** A real graphql-ws client that does not reconnect. */
export function connect(gateway: TestGateway, as?: string): TestClient {
  const closed = Promise.withResolvers<Closed>();
  const client = createClient({
    url: gateway.url.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    lazy: true,
    retryAttempts: 0,
    ...(as ? { connectionParams: { authorization: `Bearer ${as}` } } : {}),
    on: { closed: (event) => closed.resolve(event as Closed) },
  });
  return {
    subscribe: (query, options = {}) => subscriber(client, query, options),
    closed: closed.promise,
    dispose: () => void client.dispose(),
  };
}

function subscriber(client: Client, query: string, { variables, resumeFrom }: SubscribeOptions): Subscriber {
  const received: Received[] = [];
  const refused = Promise.withResolvers<unknown>();
  const waiting: { count: number; resolve: (message: Received) => void }[] = [];
  const tell = (): void => {
    for (const { count, resolve } of waiting) if (received[count - 1]) resolve(received[count - 1] ?? {});
  };
  const extensions = resumeFrom === undefined ? {} : { extensions: { resumeFrom } };
  const unsubscribe = client.subscribe<Record<string, unknown>>(
    { query, ...(variables ? { variables } : {}), ...extensions },
    {
      next: (message) => {
        received.push(message as Received);
        tell();
      },
      error: refused.resolve,
      complete: () => undefined,
    },
  );
  const nth = (count: number): Promise<Received> =>
    new Promise((resolve) => {
      waiting.push({ count, resolve });
      tell();
    });
  return { received, refused: refused.promise, nth, unsubscribe };
}

export const wait = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));
