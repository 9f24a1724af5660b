import type { Client } from 'graphql-ws';

interface Message<Data> {
  readonly data: Data;
  readonly cursor: string | null;
}

export interface Follower<Data> {
  readonly messages: Message<Data>[];
  readonly errors: unknown[];
  readonly stop: () => void;
}

/** Follows a subscription through drops of its socket: it resumes after the last cursor it has seen. */
export function follow<Data>(socket: Client, query: string, variables: Record<string, unknown>): Follower<Data> {
  const messages: Message<Data>[] = [];
  const errors: unknown[] = [];
  let unsubscribe = (): void => undefined;
  let isStopped = false;
  const subscribe = (): void => {
    const cursor = messages.at(-1)?.cursor;
    unsubscribe = socket.subscribe<Data>(
      { query, variables, ...(cursor ? { extensions: { resumeFrom: cursor } } : {}) },
      {
        next: ({ data, extensions }) => {
          if (data) messages.push({ data, cursor: cursorIn(extensions) });
        },
        error: (error) => {
          errors.push(error);
          if (!isStopped) setTimeout(subscribe, 250);
        },
        complete: () => undefined,
      },
    );
  };
  // graphql-ws subscribes again by itself after a drop, with the first message's cursor: subscribing anew passes the last one.
  const again = socket.on('closed', () => {
    if (isStopped) return;
    unsubscribe();
    setTimeout(subscribe, 250);
  });
  subscribe();
  return {
    messages,
    errors,
    stop: () => {
      isStopped = true;
      again();
      unsubscribe();
      void socket.dispose();
    },
  };
}

function cursorIn(extensions: unknown): string | null {
  const { cursor } = (extensions ?? {}) as { cursor?: unknown };
  return typeof cursor === 'string' ? cursor : null;
}
