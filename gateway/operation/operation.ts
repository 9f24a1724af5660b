import type { FetchNode } from '@apollo/query-planner';
import type { DocumentNode, GraphQLError, OperationDefinitionNode } from 'graphql';
import type { Refused } from '../authorization/refusals.ts';
import type { ViewerAccess } from '../authorization/requirement.ts';
import type { Step } from '../execution/step.ts';
import type { Shaper } from '../execution/shaper.ts';
import type { OperationCost } from '../security/cost.ts';
import type { Graph } from '../graph/graph.ts';
import type { PrepareInParts } from '../incremental/in-parts.ts';
import type { Names } from './names.ts';

/** A text of GraphQL, checked, planned and compiled for one graph: nothing of it is looked at again. */
export interface Operation {
  readonly graph: Graph;
  readonly text: string;
  readonly name: string | null;
  readonly document: DocumentNode;
  readonly node: OperationDefinitionNode;
  /** What it may cost at most with these coerced variables: see docs/gateway.md. Throws COST_INVALID_SLICING_ARGUMENTS. */
  readonly cost: OperationCost;
  /**
   * Checks a client's variables. The subgraphs coerce theirs again, from what the client has sent.
   * @param hidesSuggestions What is wrong about them is said without names of the schema that the client has not.
   */
  readonly coerce: (
    variables: Readonly<Record<string, unknown>>,
    hidesSuggestions?: boolean,
  ) => Coerced | readonly GraphQLError[];
  /** Fetches what a query or mutation selects, or what an event of a subscription lacks. */
  readonly fetchAll: Step;
  /** The fetch of a subscription's root field, asked of the subgraph that owns it. */
  readonly primary: FetchNode | null;
  readonly names: Names;
  readonly shape: Shaper;
  /** Where it has a @defer: prepares it to be answered in parts. */
  readonly inParts: PrepareInParts | null;
  /** Where some of its fields are not for everybody: what a viewer's rights leave of it. */
  readonly restricted: Restriction | null;
  /** What this part of an operation leaves out, because its viewers may not see it. */
  readonly refused: readonly Refused[];
  /** Names the part; empty for a whole operation. Belongs to the key of whatever remembers an answer. */
  readonly rightsKey: string;
  /** Labels of progressive overrides whose fields it asks of their new owners. */
  readonly moved: readonly string[];
  /** Where a share of the requests has fields of it answered by their new owners: draws for one request. */
  readonly draw: (() => Operation | Promise<Operation>) | null;
}

export interface Restriction {
  /** The policies it asks about. */
  readonly policies: readonly string[];
  readonly to: (access: ViewerAccess) => Operation | Promise<Operation>;
}

export interface Coerced {
  /** As they are sent on. */
  readonly sent: Readonly<Record<string, unknown>>;
  /** With defaults, as the gateway itself reads them. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Values of the variables that stand in @skip and @include. */
  readonly conditions: Readonly<Record<string, boolean>>;
}
