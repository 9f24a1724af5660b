import {
  GraphQLError,
  type ExecutionArgs,
  type ExecutionResult,
  type FormattedExecutionResult,
  type GraphQLFormattedError,
} from 'graphql';
import { makeServer, type Context, type Server, type SubscribePayload } from 'graphql-ws';
import type { IncomingMessage } from 'node:http';
import { inScope } from 'kit/scope';
import type { Client } from 'kit/viewer';
import { codeOf, refusal } from '../errors.ts';
import { createContext } from '../execution/context.ts';
import type { GatewayHooks } from '../hooks.ts';
import { isRefusal, type Pipeline, type Ready } from '../pipeline.ts';
import { closeSocket, type SocketExtra } from './socket.ts';
import { openSubscription, type SourceTools } from './source.ts';

/** Why a socket was closed, beside what the protocol itself says (4400, 4401, 4408, 4409, 4429). */
export const CLOSE = {
  goingAway: { code: 1001, reason: 'Going away: the server stops, connect again' },
  tryAgainLater: { code: 1013, reason: 'Credentials cannot be checked just now' },
  forbidden: { code: 4403, reason: 'Forbidden: the credentials are wrong or have ended' },
  slowReader: { code: 4450, reason: 'Slow reader: resume from the last cursor' },
} as const;

export interface ProtocolOptions extends SourceTools {
  readonly pipeline: Pipeline;
  readonly hooks: GatewayHooks;
  readonly readClient: (request: IncomingMessage) => Client;
  readonly maxSubscriptions: number;
}

type Socket = Context<Record<string, unknown> | undefined, SocketExtra>;
const CURSOR = /^\d{1,16}-\d{1,16}$/;

/** The graphql-transport-ws protocol: subscriptions, and the queries and mutations some clients send the same way. */
export function createGraphqlWs(options: ProtocolOptions): Server<SocketExtra> {
  const { format } = options.pipeline;
  const formatAll = (errors: readonly (GraphQLError | GraphQLFormattedError)[]): GraphQLFormattedError[] =>
    errors.map((error) => (error instanceof GraphQLError ? format(error) : error));
  return makeServer<Record<string, unknown> | undefined, SocketExtra>({
    connectionInitWaitTimeout: 3000,
    onConnect: (socket) => connect(options, socket),
    onSubscribe: async (socket, _id, payload) => {
      try {
        return await begin(options, socket, payload);
      } catch (error) {
        return [error instanceof GraphQLError ? error : new GraphQLError('failed', { originalError: asError(error) })];
      }
    },
    subscribe: (args) => (args.contextValue as Begun).start(),
    execute: (args) => (args.contextValue as Begun).start(),
    onNext: (_socket, _id, _payload, _args, { errors, ...result }) => {
      const formatted = errors ? { ...result, errors: formatAll(errors) } : result;
      return formatted as FormattedExecutionResult;
    },
    onError: (_socket, _id, _payload, errors) => formatAll(errors),
  });
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

interface Begun {
  /** The results of an operation that has passed every check. */
  readonly start: () => Promise<ExecutionResult> | AsyncIterableIterator<ExecutionResult>;
}

async function connect(
  { hooks, readClient, log }: ProtocolOptions,
  { connectionParams, extra }: Socket,
): Promise<boolean> {
  const { socket, request } = extra;
  const requestId = crypto.randomUUID();
  extra.authorization = authorizationOf(connectionParams) ?? request.headers.authorization ?? null;
  try {
    await hooks.authenticate({ authorization: extra.authorization, requestId, client: readClient(request) });
    return true;
  } catch (error) {
    const isWrong = codeOf(error) === 'UNAUTHENTICATED';
    if (!isWrong) log.error({ err: error, requestId }, 'credentials could not be checked');
    const { code, reason } = isWrong ? CLOSE.forbidden : CLOSE.tryAgainLater;
    void closeSocket(socket, code, reason);
    return false;
  }
}

/** `authorization` of the payload, however it is capitalised: explorers send what was typed as a header. */
function authorizationOf(parameters: Readonly<Record<string, unknown>> | undefined): string | null {
  const found = Object.entries(parameters ?? {}).find(([name]) => name.toLowerCase() === 'authorization');
  return typeof found?.[1] === 'string' ? found[1] : null;
}

/** Checks an operation and, for a subscription, asks its owner. Answers what to run, or the errors of a refusal. */
async function begin(
  options: ProtocolOptions,
  socket: Socket,
  { query, operationName, variables, extensions }: SubscribePayload,
): Promise<ExecutionArgs | readonly GraphQLError[]> {
  const { pipeline, maxSubscriptions } = options;
  if (Object.keys(socket.subscriptions).length > maxSubscriptions) {
    const message = `A socket carries ${maxSubscriptions} operations at most.`;
    return [refusal('SUBSCRIPTION_LIMIT_EXCEEDED', message, { limit: maxSubscriptions })];
  }
  const { authorization, request } = socket.extra;
  const requestId = crypto.randomUUID();
  const client = options.readClient(request);
  const viewer = await options.hooks.authenticate({ authorization, requestId, client });
  const context = createContext(viewer, requestId, client);
  const asked = {
    query,
    operationName: operationName ?? null,
    variables: variables ?? {},
    extensions: extensions ?? {},
  };
  const ready = await pipeline.prepare(asked, context);
  if (isRefusal(ready)) return ready.errors;
  const { operation } = ready;
  const begun = operation.primary
    ? await beginSubscription(options, socket, ready, extensions?.['resumeFrom'])
    : { start: () => inScope(requestId, () => pipeline.execute(ready, context) as Promise<ExecutionResult>) };
  if (!('start' in begun)) return begun;
  const { document, graph } = operation;
  return { schema: graph.schema, document, operationName: operation.name, contextValue: begun };
}

async function beginSubscription(
  options: ProtocolOptions,
  { extra }: Socket,
  ready: Ready,
  resumeFrom: unknown,
): Promise<Begun | readonly GraphQLError[]> {
  if (resumeFrom !== undefined && resumeFrom !== null && !(typeof resumeFrom === 'string' && CURSOR.test(resumeFrom))) {
    return [refusal('INVALID_CURSOR', 'extensions.resumeFrom must be the extensions.cursor of an earlier event.')];
  }
  const { socket, request, authorization } = extra;
  const client = options.readClient(request);
  const close = ({ code, reason }: (typeof CLOSE)[keyof typeof CLOSE]): void => void closeSocket(socket, code, reason);
  const opened = await openSubscription(options, {
    ...ready,
    client,
    resumeFrom: resumeFrom ?? null,
    authenticate: (requestId) => options.hooks.authenticate({ authorization, requestId, client }),
    onUnauthenticated: () => close(CLOSE.forbidden),
    onOverflow: () => close(CLOSE.slowReader),
  });
  return 'next' in opened ? { start: () => opened } : opened;
}
