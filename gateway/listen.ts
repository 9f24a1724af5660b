import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConfigError } from 'kit/config';

/** Listens, and gives the port: one that was free, for port 0. Throws ConfigError for a host that is none of this machine, else what the system says. */
export async function listenAt(server: Server, port: number, host: string): Promise<number> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    if (!isForeign(error as NodeJS.ErrnoException)) throw error;
    throw new ConfigError(`HOST: must be an address or a name of this machine, which "${host}" is not`, {
      cause: error,
    });
  }
  return (server.address() as AddressInfo).port;
}

const isForeign = ({ code, syscall }: NodeJS.ErrnoException): boolean =>
  syscall === 'getaddrinfo' || code === 'EADDRNOTAVAIL';
