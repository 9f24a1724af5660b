import { once } from 'node:events';
import { createServer } from 'node:net';
import { LocalError, systemCode } from './errors.ts';

/** A port of the loopback address that nobody listens on at this moment; whoever binds it must bear that another was quicker. */
export async function freePort(): Promise<number> {
  return await bindOnce(0, '127.0.0.1');
}

/** Throws a LocalError where `host:port` cannot be listened on; port 0 (any) always can. */
export async function assertPortFree(port: number, host: string): Promise<void> {
  try {
    await bindOnce(port, host);
  } catch (error) {
    const advice = adviceFor(systemCode(error), port, host);
    throw advice === null ? error : new LocalError(advice, { cause: error });
  }
}

async function bindOnce(port: number, host: string): Promise<number> {
  const server = createServer();
  // Exclusive: inside a cluster worker Node would otherwise share the port instead of telling that it is taken.
  server.listen({ port, host, exclusive: true });
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('a TCP server has an address with a port');
  return address.port;
}

function adviceFor(code: string, port: number, host: string): string | null {
  switch (code) {
    case 'EADDRINUSE':
      return `port ${port} is in use on ${host}: stop the program that listens there, or set PORT to another port.`;
    case 'EACCES':
      return `port ${port} may not be opened by user ${process.getuid?.() ?? 'of this process'}: set PORT to a port above 1023.`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `${host} is not an address of this machine, so port ${port} cannot be opened there: set HOST to one that is.`;
    default:
      return null;
  }
}
