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

const AGAIN_MS = 250;
const following = new Set<() => void>();

// A test that fails leaves no follower behind that keeps the run alive.
afterEach(() => {
  for (const stop of following) stop();
  following.clear();
});

/** Follows a subscription through drops of its socket: each time on a new one, resuming after the last cursor it has seen. */
export function follow<Data>(
  openSocket: () => Client,
  query: string,
  variables: Record<string, unknown>,
): Follower<Data> {
  const messages: Message<Data>[] = [];
  const errors: unknown[] = [];
  let socket: Client | null = null;
  let isStopped = false;
  const subscribe = (): void => {
    if (isStopped) return;
    const cursor = messages.at(-1)?.cursor;
    const own = openSocket();
    socket = own;
    let isOver = false;
    const again = (error?: unknown): void => {
      if (isOver) return;
      isOver = true;
      if (error !== undefined) errors.push(error);
      void own.dispose();
      setTimeout(subscribe, AGAIN_MS);
    };
    own.subscribe<Data>(
      { query, variables, ...(cursor ? { extensions: { resumeFrom: cursor } } : {}) },
      {
        next: ({ data, extensions }) => {
          if (data && !isOver) messages.push({ data, cursor: cursorIn(extensions) });
        },
        error: again,
        complete: again,
      },
    );
  };
  subscribe();
  const stop = (): void => {
    isStopped = true;
    void socket?.dispose();
  };
  following.add(stop);
  return { messages, errors, stop };
}

function cursorIn(extensions: unknown): string | null {
  const { cursor } = (extensions ?? {}) as { cursor?: unknown };
  return typeof cursor === 'string' ? cursor : null;
}
