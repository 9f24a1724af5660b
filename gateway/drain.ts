import { once } from 'node:events';
import type { Server } from 'node:http';

const SWEEP_MILLISECONDS = 50;

/** Ends a server: no new connections, idle ones closed, running requests finished, what is left after the grace cut off. */
export function createDrain(server: Server): (graceMilliseconds: number) => Promise<void> {
  return async (graceMilliseconds) => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    const force = setTimeout(() => server.closeAllConnections(), graceMilliseconds);
    // A connection that was busy is idle once its answer is sent, and would be kept alive.
    const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MILLISECONDS);
    server.closeIdleConnections();
    await closed;
    clearTimeout(force);
    clearInterval(sweep);
  };
}
