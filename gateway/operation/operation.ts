import type { FetchNode } from '@apollo/query-planner';
import type { DocumentNode, GraphQLError, OperationDefinitionNode } from 'graphql';
import type { Step } from '../execution/plan.ts';
import type { Shaper } from '../execution/shaper.ts';
import type { Graph } from '../graph/graph.ts';

/** A text of GraphQL, checked, planned and compiled for one graph: nothing of it is looked at again. */
export interface Operation {
  readonly graph: Graph;
  readonly text: string;
  readonly name: string | null;
  readonly document: DocumentNode;
  readonly node: OperationDefinitionNode;
  /** Checks a client's variables. The subgraphs coerce theirs again, from what the client has sent. */
  readonly coerce: (variables: Readonly<Record<string, unknown>>) => Coerced | readonly GraphQLError[];
  /** Fetches what a query or mutation selects, or what an event of a subscription lacks. */
  readonly fetchAll: Step;
  /** The fetch of a subscription's root field, asked of the subgraph that owns it. */
  readonly primary: FetchNode | null;
  readonly shape: Shaper;
}

export interface Coerced {
  /** As they are sent on. */
  readonly sent: Readonly<Record<string, unknown>>;
  /** With defaults, as the gateway itself reads them. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Values of the variables that stand in @skip and @include. */
  readonly conditions: Readonly<Record<string, boolean>>;
}
