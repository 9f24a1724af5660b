/** Our gateway on PORT and all subgraphs, compiled by kit, in this one process. */
import { createGateway } from 'gateway/gateway';
import { gatewaySettings } from 'gateway/config';
import { inProcess } from 'gateway/transport/in-process';
import { createExecutor } from 'kit/executor/executor';
import { createLogger } from 'kit/logger';
import type { SubgraphResponse, Transport } from 'kit/request';
import { anonymous, userViewer } from 'kit/viewer';
import { contextFor, schemaOf } from './data.ts';
import { composeSupergraph, type SubgraphName, subgraphNames } from './graph.ts';
import { viewerIdOf } from './viewer.ts';

function transportTo(name: SubgraphName): Transport {
  const { prepare } = createExecutor(schemaOf(name));
  return inProcess(async ({ query, operationName, variables }, { viewer }) => {
    const contextValue = contextFor(viewer.userId);
    return (await prepare(query, operationName).run({ contextValue, variableValues: variables })) as SubgraphResponse;
  });
}

const settings = gatewaySettings(process.env);
const gateway = await createGateway({
  supergraphSdl: composeSupergraph((name) => `http://127.0.0.1/${name}`),
  transports: Object.fromEntries(subgraphNames.map((name) => [name, transportTo(name)])),
  settings,
  logger: createLogger('bench', settings.LOG_LEVEL),
  hooks: {
    authenticate: ({ authorization }) => {
      const viewerId = viewerIdOf(authorization);
      return Promise.resolve(viewerId === null ? anonymous : userViewer(viewerId));
    },
  },
});
process.once('SIGTERM', () => void gateway.stop().then(() => process.exit(0)));
process.stdout.write(`ready ${gateway.url}\n`);
