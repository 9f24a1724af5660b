import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { handleProtocols, type Server as ProtocolServer } from 'graphql-ws';
import type { Logger } from 'kit/logger';
import { WebSocketServer, type WebSocket } from 'ws';
import { sockets } from '../metrics.ts';

/** What a protocol handler knows of its connection. */
export interface SocketExtra {
  readonly socket: WebSocket;
  readonly request: IncomingMessage;
  /** What connection_init brought, asked about again with every event. */
  authorization: string | null;
}

export interface SocketOptions {
  readonly path: string;
  readonly maxSockets: number;
  readonly isAllowedOrigin: (request: IncomingMessage) => boolean;
  readonly protocol: ProtocolServer<SocketExtra>;
  readonly log: Logger;
}

const MAX_PAYLOAD_BYTES = 64 * 1024;
const KEEP_ALIVE_MILLISECONDS = 12_000;
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
  let isStopping = false;
  const onUpgrade = (request: IncomingMessage, stream: Duplex, head: Buffer): void => {
    stream.on('error', () => stream.destroy());
    const refused = isStopping ? '503 Service Unavailable' : refusalOf(request, options, server.clients.size);
    if (refused) return void stream.end(`HTTP/1.1 ${refused}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    server.handleUpgrade(request, stream, head, (socket) => serveSocket(socket, request, options));
  };
  httpServer.on('upgrade', onUpgrade);
  return {
    stop: async (code, reason) => {
      isStopping = true;
      await Promise.all([...server.clients].map((socket) => closeSocket(socket, code, reason)));
      server.close();
    },
  };
}

function refusalOf(request: IncomingMessage, options: SocketOptions, open: number): string | null {
  const [path] = (request.url ?? '').split('?');
  if (path !== options.path) return '404 Not Found';
  if (!options.isAllowedOrigin(request)) return '403 Forbidden';
  return open >= options.maxSockets ? '503 Service Unavailable' : null;
}

function serveSocket(socket: WebSocket, request: IncomingMessage, { protocol, log }: SocketOptions): void {
  sockets.inc();
  socket.on('error', (error) => log.debug({ err: error }, 'a socket has failed'));
  const stopKeepAlive = keepAlive(socket);
  const closed = protocol.opened(
    {
      protocol: socket.protocol,
      // Resolves once the system has taken it: a reader that does not read holds back what comes next.
      send: (message) =>
        new Promise((resolve) => {
          if (socket.readyState === socket.OPEN) socket.send(message, () => resolve());
          else resolve();
        }),
      close: (code, reason) => socket.close(code, reason),
      onMessage: (handle) => {
        socket.on('message', (message: Buffer) => {
          handle(message.toString()).catch((error: unknown) => {
            log.error({ err: error }, 'a socket message could not be handled');
            socket.close(4500, 'Internal server error');
          });
        });
      },
    },
    { socket, request, authorization: null },
  );
  socket.once('close', (code, reason) => {
    sockets.dec();
    stopKeepAlive();
    closed(code, reason.toString()).catch((error: unknown) => log.error({ err: error }, 'a socket did not end well'));
  });
}

/** Pings, and ends a connection whose peer has gone without saying so. */
function keepAlive(socket: WebSocket): () => void {
  let isAlive = true;
  socket.on('pong', () => {
    isAlive = true;
  });
  const timer = setInterval(() => {
    if (!isAlive) return socket.terminate();
    isAlive = false;
    socket.ping();
  }, KEEP_ALIVE_MILLISECONDS);
  return () => clearInterval(timer);
}

/** Closes with a reason; a peer that does not answer is cut off. */
export function closeSocket(socket: WebSocket, code: number, reason: string): Promise<void> {
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
