import type { GraphqlRequest, Ready } from '../answer.ts';
import type { Connection } from './connections.ts';
import type { Attempt, Outcome } from './delivery.ts';
import type { Group } from './groups.ts';
import type { Source } from './source.ts';

/** One client's subscription, as it runs. A reload of the supergraph gives it another operation, and perhaps another source. */
export interface Subscription {
  readonly request: GraphqlRequest;
  readonly connection: Connection;
  ready: Ready;
  source: Source;
  /** Those of the same viewer that ask the same. */
  group: Group<Outcome>;
  /** Those of all viewers, where the answer is the same for everybody. */
  shared: Group<Attempt> | null;
}
