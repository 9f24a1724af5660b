import type { Hop } from 'kit/hop';
import type { SubgraphRequest, SubgraphResponse, Transport } from 'kit/request';

/** A subgraph in this process: a fetch is a function call, the hop a value that nobody can forge. */
export function inProcess(
  execute: (request: SubgraphRequest, hop: Hop) => Promise<SubgraphResponse>,
  close: () => Promise<void> = () => Promise.resolve(),
): Transport {
  return { send: execute, close };
}
