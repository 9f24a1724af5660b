import { once } from 'node:events';
import { WebSocket } from 'ws';

export interface Speaker {
  readonly socket: WebSocket;
  readonly messages: readonly Record<string, unknown>[];
  readonly send: (message: object) => void;
  /** Gives the socket new credentials; resolves once that is answered. */
  readonly refresh: (authorization: string) => Promise<void>;
  /** Code and reason. */
  readonly closed: Promise<readonly [number, string]>;
}

/** A client of graphql-transport-ws that says word for word what a test wants; it is let in already. */
export async function speak(
  gateway: { readonly url: string },
  authorization: string,
  more: Readonly<Record<string, unknown>> = {},
): Promise<Speaker> {
  const socket = new WebSocket(gateway.url.replace('http', 'ws'), 'graphql-transport-ws');
  const messages: Record<string, unknown>[] = [];
  let onPong = (): void => undefined;
  socket.on('message', (text: Buffer) => {
    const message = JSON.parse(text.toString()) as Record<string, unknown>;
    messages.push(message);
    if (message['type'] === 'pong') onPong();
  });
  const closed = once(socket, 'close').then(([code, reason]) => [code as number, String(reason)] as const);
  await once(socket, 'open');
  const send = (message: object): void => socket.send(JSON.stringify(message));
  send({ type: 'connection_init', payload: { authorization, ...more } });
  await Promise.race([once(socket, 'message'), closed]);
  const refresh = (to: string): Promise<void> =>
    new Promise((resolve) => {
      onPong = resolve;
      send({ type: 'ping', payload: { authorization: to } });
    });
  return { socket, messages, send, refresh, closed };
}
