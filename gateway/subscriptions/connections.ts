import type { IncomingHttpHeaders } from 'node:http';
import { addressKey } from 'kit/address';
import type { Client, Viewer } from 'kit/viewer';
import type { Logger } from 'kit/logger';
import { codeOf } from '../errors.ts';
import type { GatewayHooks } from '../hooks.ts';
import { CLOSE, type Close } from './closing.ts';

/** One open door of a client: a socket, or one answer that is streamed. */
export interface Connection {
  readonly client: Client;
  /** Those that subgraphs are told; credentials as of its beginning. */
  readonly forwarded: IncomingHttpHeaders;
  /** Replaced where the client refreshes it in band. */
  authorization: string | null;
  /** As of the last check: what limits count by. */
  viewer: Viewer;
  readonly close: (why: Close) => void;
}

/** What a request over it would have for headers now. */
export const headersOf = ({ forwarded, authorization }: Connection): IncomingHttpHeaders =>
  authorization === null ? forwarded : { ...forwarded, authorization };

export interface ConnectionLimits {
  readonly maxConnectionsPerViewer: number;
  readonly maxSubscriptionsPerViewer: number;
}

export interface Connections {
  /** Who asks, at this moment. Throws UNAUTHENTICATED. */
  readonly authenticate: (authorization: string | null, client: Client, requestId: string) => Promise<Viewer>;
  /** The same of an open connection, which remembers the answer. */
  readonly viewerOf: (connection: Connection, requestId: string) => Promise<Viewer>;
  /** Counts a connection in. Answers why it may not stay. */
  readonly enter: (connection: Connection) => Close | null;
  readonly leave: (connection: Connection) => void;
  /** Gives a connection new credentials. Answers why it may not stay. */
  readonly refresh: (connection: Connection, authorization: string, requestId: string) => Promise<Close | null>;
  /** Whether this connection's viewer may have one more subscription; it is counted then. */
  readonly takeSubscription: (connection: Connection) => boolean;
  readonly giveSubscription: (connection: Connection) => void;
  readonly all: () => Iterable<Connection>;
  readonly stop: () => void;
}

/** With what a check takes, credentials that have ended close their connections within a second. */
const CHECK_MILLISECONDS = 700;
const CHECKS_AT_ONCE = 32;

interface Usage {
  connections: number;
  subscriptions: number;
}

/** All open connections of this gateway: their limits per viewer, and their credentials, looked at again all the time. */
export function createConnections(hooks: GatewayHooks, limits: ConnectionLimits, log: Logger): Connections {
  const open = new Set<Connection>();
  const usage = new Map<string, Usage>();
  const usageOf = (connection: Connection): Usage => {
    const key = viewerKey(connection);
    let used = usage.get(key);
    if (!used) usage.set(key, (used = { connections: 0, subscriptions: 0 }));
    return used;
  };
  const forgetUnused = (connection: Connection): void => {
    const { connections, subscriptions } = usageOf(connection);
    if (connections <= 0 && subscriptions <= 0) usage.delete(viewerKey(connection));
  };
  const authenticate: Connections['authenticate'] = (authorization, client, requestId) =>
    hooks.authenticate({ authorization, requestId, client });
  const viewerOf: Connections['viewerOf'] = async (connection, requestId) => {
    const { authorization, client } = connection;
    const viewer = await authenticate(authorization, client, requestId).catch((error: unknown) => {
      // Refreshed meanwhile: those that hold no more are not its own any more.
      if (connection.authorization === authorization) throw error;
      return viewerOf(connection, requestId);
    });
    // Limits count by who it is; and one that was refreshed meanwhile has a newer answer.
    if (connection.authorization === authorization && isSameViewer(viewer, connection.viewer)) {
      connection.viewer = viewer;
    }
    return viewer;
  };
  const refreshes = new WeakMap<Connection, number>();
  const stopChecking = checkAgain(open, hooks, authenticate, log);
  return {
    authenticate,
    viewerOf,
    enter: (connection) => {
      const used = usageOf(connection);
      if (used.connections >= limits.maxConnectionsPerViewer) return CLOSE.tooManyConnections;
      used.connections++;
      open.add(connection);
      return null;
    },
    leave: (connection) => {
      if (!open.delete(connection)) return;
      usageOf(connection).connections--;
      forgetUnused(connection);
    },
    refresh: async (connection, authorization, requestId) => {
      const turn = (refreshes.get(connection) ?? 0) + 1;
      refreshes.set(connection, turn);
      const viewer = await authenticate(authorization, connection.client, requestId);
      if (!isSameViewer(viewer, connection.viewer)) return CLOSE.anotherViewer;
      // One that was sent later may have been checked sooner.
      if (refreshes.get(connection) !== turn) return null;
      connection.authorization = authorization;
      connection.viewer = viewer;
      return null;
    },
    takeSubscription: (connection) => {
      const used = usageOf(connection);
      if (used.subscriptions >= limits.maxSubscriptionsPerViewer) return false;
      used.subscriptions++;
      return true;
    },
    giveSubscription: (connection) => {
      usageOf(connection).subscriptions--;
      forgetUnused(connection);
    },
    all: () => open,
    stop: stopChecking,
  };
}

const isSameViewer = (one: Viewer, other: Viewer): boolean => one.userId === other.userId && one.kind === other.kind;

/** A person, or else an address. */
const viewerKey = ({ viewer, client }: Connection): string =>
  viewer.userId === null ? `address ${addressKey(client.address)}` : `user ${viewer.userId}`;

/** Looks at the credentials of open connections again and again: each once, however many connections have it. */
function checkAgain(
  open: ReadonlySet<Connection>,
  hooks: GatewayHooks,
  authenticate: Connections['authenticate'],
  log: Logger,
): () => void {
  let isChecking = false;
  let isFailing = false;
  const check = async (): Promise<void> => {
    if (isChecking) return;
    isChecking = true;
    try {
      const held = byAuthorization(open);
      const ended = await endedOf([...held.keys()], held, hooks, authenticate);
      for (const authorization of ended) {
        // One that was refreshed meanwhile has other credentials now.
        for (const connection of held.get(authorization) ?? []) {
          if (connection.authorization === authorization) connection.close(CLOSE.forbidden);
        }
      }
      isFailing = false;
    } catch (error) {
      // Asked again and again, told once.
      if (!isFailing) log.warn({ err: error }, 'credentials of open connections cannot be checked; trying again');
      isFailing = true;
    } finally {
      isChecking = false;
    }
  };
  const timer = setInterval(() => void check(), CHECK_MILLISECONDS);
  timer.unref();
  return () => clearInterval(timer);
}

type Held = ReadonlyMap<string, readonly Connection[]>;

function byAuthorization(open: ReadonlySet<Connection>): Held {
  const held = new Map<string, Connection[]>();
  for (const connection of open) {
    const { authorization } = connection;
    if (authorization === null) continue;
    const known = held.get(authorization);
    if (known) known.push(connection);
    else held.set(authorization, [connection]);
  }
  return held;
}

/** Those that hold no more. What cannot be found out counts as holding: each event is authorised anyway. */
async function endedOf(
  authorizations: readonly string[],
  held: Held,
  hooks: GatewayHooks,
  authenticate: Connections['authenticate'],
): Promise<readonly string[]> {
  if (authorizations.length === 0) return [];
  if (hooks.ended) return hooks.ended(authorizations);
  const ended: string[] = [];
  const pending = [...authorizations];
  const work = async (): Promise<void> => {
    for (let authorization = pending.pop(); authorization !== undefined; authorization = pending.pop()) {
      const client = held.get(authorization)?.[0]?.client ?? { address: '', userAgent: '' };
      try {
        await authenticate(authorization, client, crypto.randomUUID());
      } catch (error) {
        if (codeOf(error) === 'UNAUTHENTICATED') ended.push(authorization);
      }
    }
  };
  await Promise.all(Array.from({ length: CHECKS_AT_ONCE }, work));
  return ended;
}
