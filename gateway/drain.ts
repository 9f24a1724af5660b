import { once } from 'node:events';
import type { Server } from 'node:http';
import { Server as NetServer } from 'node:net';

export interface DrainTimes {
  /** What is left after so long is cut off. */
  readonly graceMilliseconds: number;
  /** A connection without a request stays open for so long: one may be on its way, and cutting it would lose it. */
  readonly idleMilliseconds: number;
}

const SWEEP_MILLISECONDS = 50;

export interface Drain {
  /**
   * Takes no new connections. Before answers say `connection: close`: clients that have to come anew each time would come in
   * this very moment too, and what the system has taken for a server that closes is reset.
   */
  readonly shut: () => void;
  /** Ends the server: no new connections, running requests finished, what is left after the grace cut off. */
  readonly end: (times: DrainTimes) => Promise<void>;
}

/** How a server ends. Answers should say `connection: close` meanwhile, so that clients go elsewhere with their next request. */
export function createDrain(server: Server): Drain {
  let closed: Promise<unknown> | null = null;
  const shut = (): void => {
    if (!server.listening) return;
    closed = once(server, 'close');
    // An HTTP server's own `close` would cut idle connections at once.
    NetServer.prototype.close.call(server);
  };
  const end: Drain['end'] = async ({ graceMilliseconds, idleMilliseconds }) => {
    shut();
    if (!closed) return;
    const force = setTimeout(() => server.closeAllConnections(), graceMilliseconds);
    let sweep: NodeJS.Timeout | undefined;
    const endIdle = setTimeout(() => {
      server.close();
      // A connection that was busy is idle once its answer is sent.
      sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MILLISECONDS);
    }, idleMilliseconds);
    await closed;
    clearTimeout(force);
    clearTimeout(endIdle);
    clearInterval(sweep);
    // Nothing is left to cut; it ends what the HTTP server does from time to time.
    server.close();
  };
  return { shut, end };
}
