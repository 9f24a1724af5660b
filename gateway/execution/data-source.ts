import type { GraphQLDataSource } from '@apollo/gateway';
import type { SubgraphResponse } from 'kit/request';
import type { RequestContext } from './context.ts';
import type { FetchFromSubgraph } from './fetch.ts';

/** What Apollo's plan execution takes for an answer: the same as ours, without the promise not to change it. */
type ProcessedResponse = Awaited<ReturnType<GraphQLDataSource['process']>>;

/** Apollo's name for a way to a subgraph, over our fetch. */
export function createDataSource(service: string, fetchFromSubgraph: FetchFromSubgraph): GraphQLDataSource {
  return {
    process: async ({ request, context }) => {
      const { query = '', variables = {}, operationName } = request;
      const subgraphRequest = { query, variables, operationName: operationName ?? null };
      return asProcessed(await fetchFromSubgraph(service, subgraphRequest, context as RequestContext));
    },
  };
}

/** Extensions stay behind: clients are not told which events an answer has caused. */
export const asProcessed = ({ data, errors }: SubgraphResponse): ProcessedResponse => ({
  ...(data === undefined ? {} : { data }),
  ...(errors ? { errors } : {}),
});
