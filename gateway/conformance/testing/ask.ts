import type { GraphQLFormattedError } from 'graphql';
import type { SubgraphRequest, SubgraphResponse } from 'kit/request';

export interface Answer {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly GraphQLFormattedError[];
}
export type Variables = Readonly<Record<string, unknown>>;
export type Ask = (query: string, variables?: Variables) => Promise<Answer>;
export type Send = (request: SubgraphRequest) => Promise<SubgraphResponse>;
