import { ConfigError } from 'kit/config';
import { HTTP, subgraphUrl, urlIn } from '../config.ts';
import type { SubgraphAddress } from '../graph/supergraph.ts';

/** How a subgraph serves its own subscriptions. */
export interface UpstreamAddress {
  readonly kind: 'graphql-ws' | 'sse';
  readonly url: string;
}

/** Null where events of a subgraph come through Redis. */
export type UpstreamOf = (subgraph: SubgraphAddress) => UpstreamAddress | null;

type Environment = Readonly<Record<string, string | undefined>>;

const KINDS = ['graphql-ws', 'sse', 'events'] as const;
const SETTING = /^SUBGRAPH_[A-Z0-9_]+_SUBSCRIPTIONS$/;
const URL_SETTING = /^(SUBGRAPH_[A-Z0-9_]+_SUBSCRIPTIONS)_URL$/;
const HTTP_OR_SOCKETS = [...HTTP, 'ws://', 'wss://'];

/**
 * Where each subgraph's subscriptions are, by SUBGRAPH_<NAME>_SUBSCRIPTIONS (graphql-ws, sse or events) and
 * SUBGRAPH_<NAME>_SUBSCRIPTIONS_URL, which is the subgraph's own URL by default. Subgraphs that know signed hops send events,
 * others serve graphql-ws. Throws ConfigError for a kind or a URL that is none.
 */
export function createUpstreamOf(isSigned: boolean, environment: Environment): UpstreamOf {
  for (const [name, kind] of Object.entries(environment)) {
    if (SETTING.test(name) && kind && !isKind(kind)) {
      throw new ConfigError(`${name}: must be one of ${KINDS.join(', ')}`);
    }
    const [, setting] = URL_SETTING.exec(name) ?? [];
    if (setting) urlIn(environment, name, environment[setting] === 'sse' ? HTTP : HTTP_OR_SOCKETS);
  }
  return ({ name, url }) => {
    const setting = `SUBGRAPH_${name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}_SUBSCRIPTIONS`;
    const kind = environment[setting] || (isSigned ? 'events' : 'graphql-ws');
    if (kind !== 'graphql-ws' && kind !== 'sse') return null;
    // HTTP leaves out what is behind #; a socket is not made with it at all, and says so to nobody who could hear it.
    const [address = ''] = (environment[`${setting}_URL`] || subgraphUrl(name, url, environment)).split('#');
    // `http` and `https` become `ws` and `wss`.
    return { kind, url: kind === 'graphql-ws' ? address.replace(/^http/, 'ws') : address };
  };
}

const isKind = (kind: string): kind is (typeof KINDS)[number] => (KINDS as readonly string[]).includes(kind);
