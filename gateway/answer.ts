import type { GraphQLError, GraphQLFormattedError } from 'graphql';
import type { Coerced, Operation } from './operation/operation.ts';

/** What a client asks, whichever door it came by. */
export interface GraphqlRequest {
  /** Empty where `extensions` name the document. */
  readonly query: string;
  readonly operationName: string | null;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly extensions: Readonly<Record<string, unknown>>;
  /** A text of the gateway's or the product's own, such as a REST route's: the safelist is for clients. */
  readonly isOwn?: true;
  /** Runs already, as a subscription does: it is prepared again, for a moment or another graph, and counts once. */
  readonly isRunning?: true;
}

export interface Answer {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly GraphQLFormattedError[];
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/** An operation that has passed every check, with its variables. */
export interface Ready {
  readonly operation: Operation;
  readonly variables: Coerced;
  /** The variables before they were checked, as plugins have left them: it is prepared again from these. */
  readonly given: GraphqlRequest['variables'];
}

/** Why nothing has run. */
export interface Refusal {
  readonly errors: readonly GraphQLError[];
}

export const isRefusal = (outcome: Ready | Refusal): outcome is Refusal => 'errors' in outcome;
