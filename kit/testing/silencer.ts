import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface Silencer {
  /** That of the server, by way of here. */
  readonly url: string;
  /** Carries nothing any more on the connections there are, and says so to nobody. Answers how many they are. */
  readonly silence: () => number;
  /** Whether new connections are taken and carry nothing either, for as long as they last. */
  readonly mute: (isMute: boolean) => void;
  readonly stop: () => Promise<void>;
}

/** Stands before a server: one that moves away, as in a failover, leaves its connections without a word. */
export async function startSilencer(target: string): Promise<Silencer> {
  const { port, hostname: host } = new URL(target);
  const pairs = new Set<readonly [Socket, Socket]>();
  const muted = new Set<Socket>();
  let isMuted = false;
  const server = createServer((near) => {
    if (isMuted) return void muted.add(near.resume().on('error', () => undefined));
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
    mute: (isMute) => {
      isMuted = isMute;
    },
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const near of muted) near.destroy();
      for (const [near] of pairs) near.destroy();
      await closed;
    },
  };
}
