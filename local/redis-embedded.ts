import { once } from 'node:events';
import type { Socket } from 'node:net';
import { createRedisCommandExecutor, RedisServerState, Resp2Server } from 'js-redis-server/core';

/** A Redis in this process. */
export interface EmbeddedRedis {
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * Starts js-redis-server on the loopback address behind a password; it keeps everything in memory. Put together by hand because
 * the package's own starter listens on every address of the machine, without a password.
 */
export async function startEmbeddedRedis(password: string): Promise<EmbeddedRedis> {
  const state = new RedisServerState({ databaseCount: 16, requirepass: password });
  const { server } = new Resp2Server({ server: state, executor: createRedisCommandExecutor() });
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has an address with a port');
  return {
    port: address.port,
    stop: async () => {
      server.close();
      // Clients that never leave would keep the server open for ever.
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
      state.close();
    },
  };
}
