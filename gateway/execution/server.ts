import type { Server } from 'node:http';
import { ApolloGateway } from '@apollo/gateway';
import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import { ApolloServerPluginDrainHttpServer } from '@apollo/server/plugin/drainHttpServer';
import type { Logger } from 'kit/logger';
import { refuseTelemetry, type GatewaySettings } from '../config.ts';
import { createErrorFormatter, refusal } from '../errors.ts';
import { requests, requestSeconds } from '../metrics.ts';
import { limitRule } from '../security/depth.ts';
import { CLOSE_MILLISECONDS } from '../subscriptions/socket.ts';
import type { RequestContext } from './context.ts';
import { createDataSource } from './data-source.ts';
import type { FetchFromSubgraph } from './fetch.ts';

export interface ApolloOptions {
  readonly supergraphSdl: string;
  readonly fetchFromSubgraph: FetchFromSubgraph;
  readonly httpServer: Server;
  readonly settings: GatewaySettings;
  readonly logger: Logger;
}

/** Apollo Server over Apollo Gateway, started. Throws where the supergraph is none. */
export async function startApollo(options: ApolloOptions): Promise<ApolloServer<RequestContext>> {
  const { settings, logger, httpServer } = options;
  const log = apolloLogger(logger);
  const server = new ApolloServer<RequestContext>({
    gateway: createApolloGateway(options),
    formatError: createErrorFormatter(logger),
    validationRules: [limitRule(limitsOf(settings))],
    maxRecursiveSelections: settings.MAX_SELECTIONS,
    parseOptions: { maxTokens: settings.MAX_TOKENS },
    introspection: settings.isIntrospectable,
    hideSchemaDetailsFromClientErrors: !settings.isIntrospectable,
    includeStacktraceInErrorResponses: false,
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    persistedQueries: false,
    stopOnTerminationSignals: false,
    nodeEnv: settings.NODE_ENV,
    logger: log,
    plugins: [
      ApolloServerPluginDrainHttpServer({ httpServer, stopGracePeriodMillis: drainMilliseconds(settings) }),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      operationPlugin,
    ],
  });
  await server.start();
  return server;
}

/** Sockets are closed first and take their part of the grace. */
const drainMilliseconds = ({ STOP_GRACE_SECONDS }: GatewaySettings): number =>
  Math.max(500, STOP_GRACE_SECONDS * 1000 - CLOSE_MILLISECONDS);

function createApolloGateway({ supergraphSdl, fetchFromSubgraph, logger }: ApolloOptions): ApolloGateway {
  refuseTelemetry();
  return new ApolloGateway({
    supergraphSdl,
    buildService: ({ name }) => createDataSource(name, fetchFromSubgraph),
    logger: apolloLogger(logger),
    __exposeQueryPlanExperimental: false,
  });
}

export const limitsOf = (settings: GatewaySettings) => ({
  maxDepth: settings.MAX_DEPTH,
  maxIntrospectionDepth: settings.MAX_INTROSPECTION_DEPTH,
  maxSelections: settings.MAX_SELECTIONS,
});

/** Counts operations, and sends subscriptions to the door that serves them. */
const operationPlugin: ApolloServerPlugin<RequestContext> = {
  requestDidStart: () => {
    const startedAt = performance.now();
    return Promise.resolve({
      didResolveOperation: ({ operation }) => {
        if (operation?.operation !== 'subscription') return Promise.resolve();
        const message = 'Subscriptions are served over WebSocket at this path (protocol graphql-transport-ws).';
        return Promise.reject(refusal('BAD_REQUEST', message, { status: 400 }));
      },
      willSendResponse: ({ operation, response }) => {
        const type = operation?.operation ?? 'none';
        const hasErrors = response.body.kind === 'single' && response.body.singleResult.errors !== undefined;
        requests.inc({ operation: type, outcome: hasErrors ? 'errors' : 'success' });
        requestSeconds.observe({ operation: type }, (performance.now() - startedAt) / 1000);
        dropCompletions(response.body);
        return Promise.resolve();
      },
    });
  },
};

interface AnswerBody {
  readonly kind: string;
  readonly singleResult?: { extensions?: Record<string, unknown> };
}

/** Apollo's gateway tells clients how it completed null values; that is about subgraphs, and for none of them to read. */
function dropCompletions({ singleResult }: AnswerBody): void {
  const { valueCompletion, ...extensions } = singleResult?.extensions ?? {};
  if (!singleResult || valueCompletion === undefined) return;
  if (Object.keys(extensions).length > 0) singleResult.extensions = extensions;
  else delete singleResult.extensions;
}

/** Apollo greets at `info`; that is noise beside one's own lines. */
function apolloLogger(logger: Logger) {
  return {
    debug: () => undefined,
    info: (message: unknown) => logger.debug(String(message)),
    warn: (message: unknown) => logger.warn(String(message)),
    error: (message: unknown) => logger.error(String(message)),
  };
}
