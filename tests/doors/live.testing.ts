import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { Door } from '../setup/doors.ts';

export interface LiveAnswer {
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly errors?: readonly { readonly extensions?: { readonly code?: string } }[];
}

/** A subscription over one of the doors that stay open. */
export interface Followed {
  /** What has been said so far. */
  readonly heard: readonly LiveAnswer[];
  /** With the code of a socket, or the last error's of a stream, when the gateway ends it. */
  readonly ended: Promise<unknown>;
  readonly close: () => void;
}

export interface OpenSocket extends Followed {
  /** Asks a query over the same socket. */
  readonly ask: (query: string, variables?: object) => Promise<LiveAnswer>;
}

interface Message {
  readonly type: string;
  readonly id?: string;
  readonly payload?: LiveAnswer | LiveAnswer['errors'];
}

/** Follows a subscription over a WebSocket; what is refused is heard as an answer with errors. */
export async function followBySocket(door: Door, token: string, query: string, variables: object): Promise<OpenSocket> {
  const socket = new WebSocket(door.url.replace('http', 'ws'), 'graphql-transport-ws');
  await once(socket, 'open');
  const send = (message: object): void => socket.send(JSON.stringify(message));
  send({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } });
  const [acknowledged] = (await once(socket, 'message')) as [Buffer];
  expect(String(acknowledged)).toContain('connection_ack');
  const heard: LiveAnswer[] = [];
  const asked = new Map<string, (answer: LiveAnswer) => void>();
  socket.on('message', (data: Buffer) => {
    const { type, id = '', payload } = JSON.parse(data.toString()) as Message;
    if (type === 'ping') return send({ type: 'pong' });
    if (type !== 'next' && type !== 'error') return;
    const answer = type === 'next' ? (payload as LiveAnswer) : { errors: (payload as LiveAnswer['errors']) ?? [] };
    const settle = asked.get(id);
    if (settle) settle(answer);
    else heard.push(answer);
  });
  send({ type: 'subscribe', id: 'followed', payload: { query, variables } });
  return {
    heard,
    ended: once(socket, 'close').then(([code]) => code as number),
    close: () => socket.close(),
    ask: (text, given = {}) =>
      new Promise((resolve) => {
        const id = `asked ${asked.size}`;
        asked.set(id, resolve);
        send({ type: 'subscribe', id, payload: { query: text, variables: given } });
      }),
  };
}

/** The same over SSE. */
export async function followByStream(door: Door, token: string, query: string, variables: object): Promise<Followed> {
  const stopped = new AbortController();
  const response = await fetch(door.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query, variables }),
    signal: stopped.signal,
  });
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
  const heard: LiveAnswer[] = [];
  const read = async (): Promise<unknown> => {
    let rest = '';
    for await (const part of (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
      const events = (rest + part).split('\n\n');
      rest = events.pop() ?? '';
      for (const event of events) {
        const data = /^event: next$/m.test(event) ? /^data: (.*)$/m.exec(event)?.[1] : undefined;
        if (data) heard.push(JSON.parse(data) as LiveAnswer);
      }
    }
    return heard.at(-1)?.errors?.[0]?.extensions?.code ?? 'complete';
  };
  return { heard, ended: read().catch(() => 'cut off'), close: () => stopped.abort() };
}
