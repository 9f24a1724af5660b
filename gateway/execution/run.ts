import type { SubgraphError } from 'kit/request';
import type { Coerced, Operation } from '../operation/operation.ts';
import type { Answer } from '../pipeline.ts';
import type { RequestContext } from './context.ts';
import type { Data } from './data.ts';
import type { FetchFromSubgraph } from './fetch.ts';

interface Known {
  readonly data: Data;
  readonly errors: readonly SubgraphError[];
}

/** Fetches and shapes one operation. `known` is data that is there already: the owner's answer to a live event. */
export async function runOperation(
  operation: Operation,
  { sent, values, conditions }: Coerced,
  context: RequestContext,
  fetchFromSubgraph: FetchFromSubgraph,
  known: Known = { data: {}, errors: [] },
): Promise<Answer> {
  const errors: SubgraphError[] = [...known.errors];
  await operation.fetchAll({
    data: known.data,
    variables: sent,
    conditions,
    errors,
    fetch: (service, request) => fetchFromSubgraph(service, request, context),
  });
  const shaped = operation.shape(known.data, { conditions, variables: values });
  errors.push(...shaped.errors);
  // The specification wants a reason for no data at all.
  if (shaped.data === null && errors.length === 0) errors.push(nothing);
  return errors.length === 0 ? { data: shaped.data } : { errors, data: shaped.data };
}

const nothing: SubgraphError = {
  message: 'A part of the answer that cannot be null was not there.',
  extensions: { code: 'SUBGRAPH_INVALID_RESPONSE' },
};
