import type { Logger } from 'kit/logger';
import type { Transport } from 'kit/request';
import type { SubgraphAddress } from '../graph/supergraph.ts';
import type { HealthReport } from '../health.ts';

/** A way to a subgraph that can tell how it is. */
export interface Connection extends Transport {
  readonly health: () => Promise<HealthReport>;
}

export type Connect = (subgraph: SubgraphAddress) => Connection;

export interface TransportsOptions {
  /** Ways that are there for good, by name, such as subgraphs in this process. */
  readonly given: Readonly<Record<string, Transport>>;
  readonly givenHealth: Readonly<Record<string, () => Promise<HealthReport>>>;
  /** Opens further ways where a supergraph names further subgraphs; without it such a supergraph is refused. */
  readonly connect?: Connect | undefined;
  /** What has begun with a subgraph that a new supergraph no longer names gets this long. */
  readonly graceSeconds: number;
  readonly log: Logger;
}

/** The ways to the subgraphs of the supergraph that is served. */
export interface Transports {
  /** Always the present ones. */
  readonly byName: Readonly<Record<string, Transport>>;
  readonly health: Readonly<Record<string, () => Promise<HealthReport>>>;
  /** Opens what is missing; a subgraph that has moved is asked at its new address from now on. Throws, and opens nothing, where there is no way. */
  readonly adopt: (subgraphs: readonly SubgraphAddress[]) => void;
  /** Closes, after the grace, the ways to what is not among these any more. */
  readonly retire: (subgraphs: readonly SubgraphAddress[]) => void;
  readonly close: () => Promise<void>;
}

export function createTransports(options: TransportsOptions): Transports {
  const { given, givenHealth, connect, graceSeconds, log } = options;
  const byName: Record<string, Transport> = { ...given };
  const health: Record<string, () => Promise<HealthReport>> = { ...givenHealth };
  const connected = new Map<string, { readonly url: string; readonly connection: Connection }>();
  const leaving = new Map<Transport, NodeJS.Timeout>();

  const closeLater = (transport: Transport): void => {
    const close = (): void => {
      leaving.delete(transport);
      transport.close().catch((error: unknown) => log.error({ err: error }, 'a subgraph’s connections did not close'));
    };
    leaving.set(transport, setTimeout(close, graceSeconds * 1000).unref());
  };
  return {
    byName,
    health,
    adopt: (subgraphs) => {
      const isMissing = ({ name, url }: SubgraphAddress) => !given[name] && connected.get(name)?.url !== url;
      const missing = subgraphs.filter(isMissing);
      if (missing.length > 0 && !connect) {
        throw new Error(`no transport to ${missing.map(({ name }) => name).join(', ')}`);
      }
      const opened = missing.map((subgraph) => [subgraph, (connect as Connect)(subgraph)] as const);
      for (const [{ name, url }, connection] of opened) {
        const before = connected.get(name);
        if (before) closeLater(before.connection);
        connected.set(name, { url, connection });
        byName[name] = connection;
        health[name] = connection.health;
      }
    },
    retire: (subgraphs) => {
      const named = new Set(subgraphs.map(({ name }) => name));
      for (const [name, { connection }] of connected) {
        if (named.has(name)) continue;
        connected.delete(name);
        delete health[name];
        closeLater(connection);
        // Operations of the supergraph before may still ask it.
        setTimeout(() => {
          if (byName[name] === connection) delete byName[name];
        }, graceSeconds * 1000).unref();
      }
    },
    close: async () => {
      for (const timer of leaving.values()) clearTimeout(timer);
      const all = new Set([...leaving.keys(), ...Object.values(byName)]);
      await Promise.all([...all].map((transport) => transport.close()));
    },
  };
}
