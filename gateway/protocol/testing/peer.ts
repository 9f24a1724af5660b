import { once } from 'node:events';
import { Redis } from 'ioredis';
import { publishLive } from 'kit/live';
import { startTestRedis } from 'kit/live.testing';
import { WebSocket, type ClientOptions } from 'ws';
import { startTestGateway, type TestGateway } from '../../testing/gateway.ts';

export type Message = Record<string, unknown> & { type: string; id?: string };

/** A client that knows WebSockets and nothing of the protocol. */
export interface Peer {
  readonly socket: WebSocket;
  /** Text as it is, anything else as JSON. */
  readonly send: (message: unknown) => void;
  /** Everything received, in order. */
  readonly received: Message[];
  /** The next message that has not been taken yet. */
  readonly next: () => Promise<Message>;
  /** Code and reason. */
  readonly closed: Promise<readonly [number, string]>;
}

export const PROTOCOL = 'graphql-transport-ws';
export const addressOf = ({ origin }: TestGateway, path = '/graphql'): string => origin.replace('http', 'ws') + path;

/** A client without a protocol where none is named. */
export async function open(
  gateway: TestGateway,
  protocols: string | string[] | undefined = PROTOCOL,
  options: ClientOptions = {},
): Promise<Peer> {
  const peer = peerOf(new WebSocket(addressOf(gateway), protocols, options));
  await once(peer.socket, 'open');
  return peer;
}

export function peerOf(socket: WebSocket): Peer {
  const received: Message[] = [];
  const waiting: (() => void)[] = [];
  let taken = 0;
  socket.on('message', (data: Buffer, isBinary) => {
    if (isBinary) throw new Error('a binary message');
    received.push(JSON.parse(data.toString()) as Message);
    waiting.shift()?.();
  });
  const closed = new Promise<readonly [number, string]>((resolve) =>
    socket.on('close', (code, reason) => resolve([code, reason.toString()])),
  );
  const next = async (): Promise<Message> => {
    const index = taken++;
    while (received.length <= index) await new Promise<void>((resolve) => waiting.push(resolve));
    return received[index] as Message;
  };
  const send = (message: unknown): void => socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  return { socket, send, received, next, closed };
}

/** A peer that is ready to send operations. */
export async function acknowledged(gateway: TestGateway): Promise<Peer> {
  const peer = await open(gateway);
  peer.send({ type: 'connection_init' });
  const { type } = await peer.next();
  if (type !== 'connection_ack') throw new Error(`${type} in place of connection_ack`);
  return peer;
}

/** Closes, and sees the server answer with the same code. */
export async function leave({ socket, closed }: Peer, code = 1000): Promise<void> {
  socket.close(code);
  const [answered] = await closed;
  if (answered !== code) throw new Error(`closed with ${answered} in place of ${code}`);
}

export const subscribe = (id: string, query: string, further: object = {}): Message => ({
  id,
  type: 'subscribe',
  payload: { query, ...further },
});

export const CHANGED = 'subscription { bookChanged(id: 1) { id title } }';

/** A gateway with live events, and what makes them. */
export async function startLiveGateway() {
  const redisServer = await startTestRedis();
  const redis = new Redis(redisServer.url);
  const environment = { RATE_LIMITS: 'off', ALLOWED_ORIGINS: 'https://app.example' };
  const gateway = await startTestGateway({ environment, overrides: { redisUrl: redisServer.url } });
  return {
    gateway,
    change: (eventId: string) => publishLive(redis, 'book:1', { id: eventId, payload: { id: '1' } }),
    stop: async () => {
      await gateway.stop();
      redis.disconnect();
      await redisServer.stop();
    },
  };
}
