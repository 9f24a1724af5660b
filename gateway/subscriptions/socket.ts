import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { GRAPHQL_TRANSPORT_WS_PROTOCOL, handleProtocols } from 'graphql-ws';
import type { Logger } from 'kit/logger';
import type { Forwarding } from '../forwarding.ts';
import type { Client } from 'kit/viewer';
import { WebSocketServer, type WebSocket } from 'ws';
import { targetOf } from '../http.ts';
import { endSoon } from '../malformed.ts';
import { sockets } from '../metrics.ts';
import { invalidMessage } from './closing.ts';
import type { Protocol, Wire } from './graphql-ws.ts';

export interface SocketOptions {
  readonly path: string;
  readonly maxSockets: number;
  readonly isAllowedOrigin: (request: IncomingMessage) => boolean;
  readonly readClient: (request: IncomingMessage) => Client;
  /** What of a handshake's headers is kept: a socket is open for long. */
  readonly forwarding: Forwarding;
  readonly protocol: Protocol;
  readonly log: Logger;
}

const MAX_PAYLOAD_BYTES = 64 * 1024;
/** A socket is pinged every twelfth tick: the sockets of one moment are not pinged all at once. */
const TICK_MILLISECONDS = 1000;
const TICKS = 12;
/** How long a peer may take to answer a close. */
export const CLOSE_MILLISECONDS = 2000;

export interface SocketServer {
  /** Refuses new sockets and closes the open ones with `code` and `reason`; resolves when none is left. */
  readonly stop: (code: number, reason: string) => Promise<void>;
}

/** Serves WebSockets beside an HTTP server, under one path. */
export function serveSockets(httpServer: Server, options: SocketOptions): SocketServer {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_PAYLOAD_BYTES,
    perMessageDeflate: false,
    handleProtocols: (protocols) => handleProtocols(protocols),
  });
  const keepAlive = createKeepAlive();
  let isStopping = false;
  const onUpgrade = (request: IncomingMessage, stream: Duplex, head: Buffer): void => {
    stream.on('error', () => stream.destroy());
    const refused = isStopping ? '503 Service Unavailable' : refusalOf(request, options, server.clients.size);
    if (refused) return endSoon(stream, `HTTP/1.1 ${refused}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    server.handleUpgrade(request, stream, head, (socket) => {
      keepAlive.watch(socket);
      serveSocket(socket, request, options);
    });
  };
  httpServer.on('upgrade', onUpgrade);
  return {
    stop: async (code, reason) => {
      isStopping = true;
      await Promise.all([...server.clients].map((socket) => closeSocket(socket, code, reason)));
      keepAlive.stop();
      server.close();
    },
  };
}

function refusalOf(request: IncomingMessage, options: SocketOptions, open: number): string | null {
  const [path] = targetOf(request.url ?? '').split('?');
  if (path !== options.path) return '404 Not Found';
  if (!options.isAllowedOrigin(request)) return '403 Forbidden';
  return open >= options.maxSockets ? '503 Service Unavailable' : null;
}

function serveSocket(socket: WebSocket, request: IncomingMessage, options: SocketOptions): void {
  const { protocol, readClient, forwarding, log } = options;
  // First of all, for whichever socket: an error that nobody hears ends the process.
  socket.on('error', (error) => log.debug({ err: error }, 'a socket has failed'));
  // A client that speaks nothing of ours would be answered in a language it does not know.
  if (socket.protocol !== GRAPHQL_TRANSPORT_WS_PROTOCOL) {
    return void closeSocket(socket, 4406, 'Subprotocol not acceptable');
  }
  sockets.inc();
  const { authorization } = request.headers;
  const wire: Wire = {
    send: (text) =>
      new Promise((resolve) => {
        if (socket.readyState === socket.OPEN) socket.send(text, () => resolve());
        else resolve();
      }),
    close: ({ code, reason }) => void closeSocket(socket, code, reason),
    client: readClient(request),
    headers: { ...forwarding.of(request.headers), ...(authorization === undefined ? {} : { authorization }) },
  };
  const connection = protocol(wire);
  socket.on('message', (message: Buffer, isBinary) => {
    // What came behind the message that ended the connection is not done any more.
    if (socket.readyState !== socket.OPEN) return;
    if (isBinary) wire.close(invalidMessage('Messages are text'));
    else connection.onMessage(message.toString());
  });
  socket.once('close', () => {
    sockets.dec();
    connection.onClosed();
  });
}

/** Pings, and ends connections whose peer has gone without saying so. One timer for all of them. */
function createKeepAlive() {
  const turns = Array.from({ length: TICKS }, () => new Set<WebSocket>());
  const silent = new WeakSet<WebSocket>();
  let tick = 0;
  const timer = setInterval(() => {
    tick = (tick + 1) % TICKS;
    for (const socket of turns[tick] ?? []) {
      if (silent.has(socket)) socket.terminate();
      else {
        silent.add(socket);
        socket.ping();
      }
    }
  }, TICK_MILLISECONDS);
  timer.unref();
  return {
    watch: (socket: WebSocket): void => {
      const turn = turns[tick];
      turn?.add(socket);
      socket.on('pong', () => silent.delete(socket));
      socket.once('close', () => turn?.delete(socket));
    },
    stop: () => clearInterval(timer),
  };
}

/** Closes with a reason; a peer that does not answer is cut off. */
function closeSocket(socket: WebSocket, code: number, reason: string): Promise<void> {
  if (socket.readyState === socket.CLOSED) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(() => socket.terminate(), CLOSE_MILLISECONDS);
    socket.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
    socket.close(code, reason);
  });
}
