import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface Silencer {
  /** That of the server, by way of here. */
  readonly url: string;
  /** Carries nothing any more on the connections there are, and says so to nobody. Answers how many they are. */
  readonly silence: () => number;
  readonly stop: () => Promise<void>;
}

/** Stands before a server: one that moves away, as in a failover, leaves its connections without a word. */
export async function startSilencer(target: string): Promise<Silencer> {
  const { port, hostname: host } = new URL(target);
  const pairs = new Set<readonly [Socket, Socket]>();
  const server = createServer((near) => {
    const far = connect({ port: Number(port), host });
    near.pipe(far).pipe(near);
    for (const one of [near, far]) one.on('error', () => undefined);
    const pair = [near, far] as const;
    pairs.add(pair);
    near.once('close', () => {
      pairs.delete(pair);
      far.destroy();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(target);
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: url.href,
    silence: () => {
      for (const [near, far] of pairs) {
        near.unpipe(far).resume();
        far.unpipe(near).resume();
      }
      return pairs.size;
    },
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const [near] of pairs) near.destroy();
      await closed;
    },
  };
}
