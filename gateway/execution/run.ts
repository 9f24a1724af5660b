import type { GraphQLError } from 'graphql';
import type { SubgraphError } from 'kit/request';
import { errorsFor } from '../authorization/refusals.ts';
import type { Coerced, Operation } from '../operation/operation.ts';
import type { Answer } from '../answer.ts';
import { inSpan, isTracing } from '../telemetry/spans.ts';
import type { RequestContext } from './context.ts';
import type { Data } from './data.ts';
import type { EntityMemory } from './entity-memory.ts';
import type { FetchFromSubgraph } from './fetch.ts';

interface Known {
  readonly data: Data;
  readonly errors: readonly SubgraphError[];
  readonly memory?: EntityMemory | null;
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
    conditions: operation.names.variables(conditions),
    errors,
    memory: known.memory ?? null,
    fetch: (service, request) => fetchFromSubgraph(service, request, context),
  });
  const shape = () => operation.shape(known.data, { conditions, variables: values });
  const shaped = isTracing() ? inSpan('graphql.shape', shape) : shape();
  for (const [index, error] of errors.entries()) errors[index] = forClient(error, operation);
  for (const error of shaped.errors) errors.push(error);
  if (operation.refused.length > 0) errors.push(...errorsFor(operation.refused, values).map(asSubgraphError));
  // The specification wants a reason for no data at all.
  if (shaped.data === null && errors.length === 0) errors.push(nothing);
  return errors.length === 0 ? { data: shaped.data } : { errors, data: shaped.data };
}

/** Subgraphs were asked under names that do not get in the planner's way; clients know their own. */
export function forClient(error: SubgraphError, { names, graph: { askedUnder } }: Operation): SubgraphError {
  if (!error.path) return error;
  const nameOf = (name: string): string => askedUnder.get(name) ?? names.ofClient(name);
  return { ...error, path: error.path.map((part) => (typeof part === 'string' ? nameOf(part) : part)) };
}

export const asSubgraphError = ({ message, path, extensions }: GraphQLError): SubgraphError => ({
  message,
  ...(path ? { path } : {}),
  extensions,
});

export const nothing: SubgraphError = {
  message: 'A part of the answer that cannot be null was not there.',
  extensions: { code: 'SUBGRAPH_INVALID_RESPONSE' },
};
