import { createClient, type Client } from 'graphql-ws';
import { metrics } from 'kit/metrics';
import { until } from 'kit/testing/until';
import { WebSocket } from 'ws';

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
  readonly completed: Promise<void>;
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
export function connect(gateway: { readonly url: string }, as?: string): TestClient {
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
  const completed = Promise.withResolvers<void>();
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
      complete: completed.resolve,
    },
  );
  const nth = (count: number): Promise<Received> =>
    new Promise((resolve) => {
      waiting.push({ count, resolve });
      tell();
    });
  return { received, refused: refused.promise, completed: completed.promise, nth, unsubscribe };
}

export const wait = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

export const gauge = async (name: string): Promise<number | undefined> =>
  (await metrics.getSingleMetric(name)?.get())?.values[0]?.value;

/** Does what starts `count` subscriptions, and waits until they stand at the end of their topics. */
export async function standing<Value>(start: () => Value, count = 1): Promise<Awaited<Value>> {
  const started = async (): Promise<number> => (await gauge('gateway_subscriptions_started_total')) ?? 0;
  const before = await started();
  const value = start();
  await until('subscriptions run', async () => (await started()) >= before + count);
  await wait(100);
  return await value;
}
