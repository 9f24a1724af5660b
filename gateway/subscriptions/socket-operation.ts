import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import type { SubscribePayload } from 'graphql-ws';
import { inScope } from 'kit/scope';
import type { Viewer } from 'kit/viewer';
import { isRefusal, type GraphqlRequest } from '../answer.ts';
import { codeOf } from '../errors.ts';
import { createContext } from '../execution/context.ts';
import type { Pipeline } from '../pipeline.ts';
import { headersOf, type Connection, type Connections } from './connections.ts';
import { single } from './single.ts';
import type { Messages } from './subscription.ts';
import type { Subscriptions } from './subscriptions.ts';

export interface SocketOperationOptions {
  readonly pipeline: Pipeline;
  readonly subscriptions: Subscriptions;
  readonly connections: Connections;
}

/** An operation of a socket that has begun: its messages. */
export type BegunOperation =
  | { readonly messages: Messages }
  /** As the client sees them; `isForbidden` where the credentials of the socket hold no more. */
  | { readonly errors: readonly GraphQLFormattedError[]; readonly isForbidden: boolean };

/** Checks an operation for whoever the socket's credentials stand for at this moment, and starts it. Never rejects. */
export function beginOperation(
  options: SocketOperationOptions,
  connection: Connection,
  payload: SubscribePayload,
): Promise<BegunOperation> {
  const requestId = crypto.randomUUID();
  // What is said of a failure names its request.
  return inScope(requestId, async () => {
    const { connections, pipeline } = options;
    const failed = (error: unknown, isForbidden: boolean): BegunOperation => ({
      errors: [pipeline.format(asGraphQLError(error))],
      isForbidden,
    });
    let viewer: Viewer;
    try {
      viewer = await connections.viewerOf(connection, requestId);
    } catch (error) {
      return failed(error, codeOf(error) === 'UNAUTHENTICATED');
    }
    try {
      const begun = await begin(options, connection, payload, { viewer, requestId });
      return 'next' in begun ? { messages: begun } : { errors: begun.map(pipeline.format), isForbidden: false };
    } catch (error) {
      return failed(error, false);
    }
  });
}

export const asGraphQLError = (error: unknown): GraphQLError =>
  error instanceof GraphQLError ? error : new GraphQLError('failed', { originalError: error as Error });

/** A subscription's messages, or the only one of a query or mutation. */
async function begin(
  { pipeline, subscriptions }: SocketOperationOptions,
  connection: Connection,
  { query, operationName, variables, extensions }: SubscribePayload,
  { viewer, requestId }: { readonly viewer: Viewer; readonly requestId: string },
): Promise<Messages | readonly GraphQLError[]> {
  const context = createContext(viewer, requestId, connection.client, headersOf(connection));
  const request: GraphqlRequest = {
    query,
    operationName: operationName || null,
    variables: variables ?? {},
    extensions: extensions ?? {},
  };
  const ready = await pipeline.prepare(request, context);
  if (isRefusal(ready)) return ready.errors;
  if (ready.operation.node.operation !== 'subscription')
    return single(() => pipeline.execute(ready, context), requestId);
  return subscriptions.begin({ request, ready, connection, resumeFrom: extensions?.['resumeFrom'] }, context);
}
