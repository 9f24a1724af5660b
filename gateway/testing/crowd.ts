import { once } from 'node:events';
import { WebSocket } from 'ws';

export interface Member {
  readonly socket: WebSocket;
  /** Payloads of `next`. */
  readonly received: {
    readonly data: unknown;
    readonly extensions?: { readonly cursor?: string; readonly gap?: true };
  }[];
  readonly errors: unknown[];
}

export interface Crowd {
  readonly members: readonly Member[];
  /** Has each member subscribe; resolves once everything is sent. */
  readonly subscribe: (
    queryOf: (index: number) => string,
    resumeFromOf?: (index: number) => string | undefined,
  ) => void;
  readonly leave: () => void;
}

const AT_ONCE = 200;

/** Many acknowledged sockets, as light as sockets can be. */
export async function gather(url: string, size: number, tokenOf: (index: number) => string | null): Promise<Crowd> {
  const members: Member[] = [];
  while (members.length < size) {
    const batch = Array.from({ length: Math.min(AT_ONCE, size - members.length) }, (_, index) =>
      join(url, tokenOf(members.length + index)),
    );
    members.push(...(await Promise.all(batch)));
  }
  return {
    members,
    subscribe: (queryOf, resumeFromOf) => {
      members.forEach(({ socket }, index) => {
        const resumeFrom = resumeFromOf?.(index);
        const extensions = resumeFrom === undefined ? {} : { extensions: { resumeFrom } };
        socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: queryOf(index), ...extensions } }));
      });
    },
    leave: () => members.forEach(({ socket }) => socket.terminate()),
  };
}

async function join(url: string, token: string | null): Promise<Member> {
  const socket = new WebSocket(url, 'graphql-transport-ws', { perMessageDeflate: false });
  socket.on('error', () => undefined);
  const member: Member = { socket, received: [], errors: [] };
  await once(socket, 'open');
  socket.send(
    JSON.stringify({ type: 'connection_init', ...(token ? { payload: { authorization: `Bearer ${token}` } } : {}) }),
  );
  await once(socket, 'message');
  socket.on('message', (text: Buffer) => {
    const message = JSON.parse(text.toString()) as { type: string; payload: Member['received'][number] };
    if (message.type === 'next') member.received.push(message.payload);
    else member.errors.push(message);
  });
  return member;
}
