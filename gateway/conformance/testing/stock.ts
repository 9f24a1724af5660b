import { ApolloGateway, type GraphQLDataSource } from '@apollo/gateway';
import { ApolloServer } from '@apollo/server';
import type { Answer, Ask, Send } from './ask.ts';

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
type Processed = Awaited<ReturnType<GraphQLDataSource['process']>>;

/** The oracle: Apollo's server and gateway as they come, asking the same subgraphs. */
export async function startStock(supergraphSdl: string, send: Readonly<Record<string, Send>>) {
  // Apollo's gateway reports its use to Apollo, and takes a refusal from the environment only.
  process.env['APOLLO_TELEMETRY_DISABLED'] = 'true';
  const gateway = new ApolloGateway({
    supergraphSdl,
    logger: silent,
    buildService: ({ name }) => ({
      process: async ({ request: { query = '', variables = {}, operationName } }) => {
        const send1 = send[name];
        if (!send1) throw new Error(`no subgraph ${name}`);
        return overTheWire(await send1({ query, variables, operationName: operationName ?? null })) as Processed;
      },
    }),
  });
  const server = new ApolloServer({ gateway, logger: silent, introspection: true, stopOnTerminationSignals: false });
  await server.start();
  const ask: Ask = async (query, variables = {}) => {
    const { body } = await server.executeOperation({ query, variables: { ...variables } });
    return overTheWire(body.kind === 'single' ? body.singleResult : body.initialResult) as Answer;
  };
  return { ask, stop: () => server.stop() };
}

/** Apollo's gateway writes into what subgraphs answer, and so must get a copy of its own. */
const overTheWire = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
