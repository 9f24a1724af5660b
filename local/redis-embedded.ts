import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import {
  attachSession,
  createRedisCommandExecutor,
  RedisServerState,
  SocketConnectionTransport,
} from 'js-redis-server/core';

/** A Redis in this process. */
export interface EmbeddedRedis {
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * Starts js-redis-server on the loopback address behind a password; it keeps everything in memory. Put together by hand because
 * the package's own starter listens on every address of the machine, without a password, and lets the blocking command of a
 * client that left wait on, keeping the process and taking what comes.
 */
export async function startEmbeddedRedis(password: string): Promise<EmbeddedRedis> {
  const state = new RedisServerState({ databaseCount: 16, requirepass: password });
  const executor = createRedisCommandExecutor();
  const sockets = new Set<Socket>();
  const server = createServer({ keepAlive: true, noDelay: true }, (socket) => {
    const { session } = attachSession(new SocketConnectionTransport(socket), { state, executor });
    sockets.add(socket);
    socket.once('close', () => {
      sockets.delete(socket);
      session.close();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has an address with a port');
  return {
    port: address.port,
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      // Clients that never leave would keep the server open for ever.
      for (const socket of sockets) socket.destroy();
      await closed;
      state.close();
    },
  };
}
