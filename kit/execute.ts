import { type ExecutionResult, getArgumentValues, getVariableValues, GraphQLError, Kind } from 'graphql';
import { codeOf, type Context, createContext, type Services } from './context.ts';
import { CodedError } from './errors.ts';
import { createExecutor, type Executor, type PreparedOperation } from './executor/executor.ts';
import type { LiveField } from './feature.ts';
import type { Hop } from './hop.ts';
import type { Inbox } from './inbox.ts';
import { statements, subgraphRequests, subgraphSeconds } from './metrics.ts';
import type { SubgraphError, SubgraphRequest, SubgraphResponse } from './request.ts';
import { enforce } from './rules.ts';
import { inScope } from './scope.ts';
import { enforceScopes, enforceSelection } from './scopes.ts';
import type { SubgraphDefinition } from './subgraph.ts';

const executors = new WeakMap<SubgraphDefinition, Executor>();

function executorOf(definition: SubgraphDefinition): Executor {
  let executor = executors.get(definition);
  if (!executor) executors.set(definition, (executor = createExecutor(definition.schema)));
  return executor;
}

/** BEGIN and COMMIT say how many transactions there were, not how much was asked. */
export const isTransactionControl = (text: string): boolean => /^(begin|commit|rollback|start transaction)/i.test(text);

/** Answers one operation for a viewer. Never throws: failures are in `errors`, coded where the client may know, masked otherwise. */
export async function execute(
  definition: SubgraphDefinition,
  services: Services,
  inbox: Inbox,
  request: SubgraphRequest,
  hop: Hop,
): Promise<SubgraphResponse> {
  return inScope(hop.requestId, async (scope) => {
    const startedAt = performance.now();
    const ctx = createContext({ viewer: hop.viewer, requestId: hop.requestId, client: hop.client, services });
    const answer = await answerOf(definition, inbox, request, hop, ctx).catch((error: unknown) => ({
      errors: [errorOf(ctx, error)],
    }));
    subgraphSeconds.observe(definition.name, (performance.now() - startedAt) / 1000);
    statements.inc(
      { subgraph: definition.name },
      scope.statements.filter((text) => !isTransactionControl(text)).length,
    );
    subgraphRequests.inc(definition.name, answer.errors ? 'error' : 'ok');
    return answer;
  });
}

async function answerOf(
  definition: SubgraphDefinition,
  inbox: Inbox,
  request: SubgraphRequest,
  hop: Hop,
  ctx: Context,
): Promise<SubgraphResponse> {
  if (hop.after.length > 0) await inbox.waitFor(ctx, hop.after);
  const prepared = executorOf(definition).prepare(request.query, request.operationName);
  enforceSelection(definition.schema, prepared, hop.viewer);
  const isSubscription = prepared.operation?.operation === 'subscription';
  if (isSubscription !== (request.live !== undefined))
    throw new GraphQLError('subscriptions, and only they, are asked live');
  if (request.live) {
    const { liveField, args } = await liveFieldOf(definition, prepared, request, ctx);
    if (request.live === 'subscribe') return { extensions: { topic: await liveField.topic(ctx, args as never) } };
  }
  const result = await prepared.run({
    variableValues: request.variables,
    contextValue: ctx,
    rootValue: request.live?.event,
  });
  return responseOf(ctx, result);
}

function responseOf(ctx: Context, result: ExecutionResult): SubgraphResponse {
  return {
    ...(result.data === undefined ? {} : { data: result.data }),
    ...(result.errors ? { errors: result.errors.map((error) => errorOf(ctx, error)) } : {}),
    ...(ctx.emitted.length > 0 ? { extensions: { emitted: ctx.emitted } } : {}),
  };
}

/** A subscription's root field and its arguments, once its rule has let the viewer through: at the start and at each event. */
async function liveFieldOf(
  definition: SubgraphDefinition,
  { operation }: PreparedOperation,
  request: SubgraphRequest,
  ctx: Context,
): Promise<{ liveField: LiveField; args: Record<string, unknown> }> {
  const [node] = operation?.selectionSet.selections ?? [];
  if (!operation || node?.kind !== Kind.FIELD) throw new GraphQLError('a subscription selects its field by name');
  const name = node.name.value;
  const field = definition.schema.getSubscriptionType()?.getFields()[name];
  const liveField = definition.live[name];
  if (!field || !liveField) throw new GraphQLError(`no live field ${name}`);
  const { schema } = definition;
  const { coerced, errors } = getVariableValues(schema, operation.variableDefinitions ?? [], request.variables ?? {});
  if (errors?.[0]) throw errors[0];
  const args = getArgumentValues(field, node, coerced);
  enforceScopes(definition.schema, ctx.viewer, 'Subscription', name);
  await enforce(definition.rules['Subscription']?.[name], ctx, args);
  return { liveField, args };
}

/** PostgreSQL class 22, data exceptions: NUL in a text, a number out of range, and what else no check of ours has met. */
const isBadValue = (error: unknown): boolean => /^22[0-9A-Z]{3}$/.test(codeOf(error));

function errorOf(ctx: Context, error: unknown): SubgraphError {
  const located = error instanceof GraphQLError ? error : null;
  const cause = located?.originalError ?? error;
  const path = located?.path ? { path: located.path } : {};
  if (cause instanceof CodedError) return { message: cause.message, ...path, extensions: cause.extensions };
  // GraphQL's own: a variable of the wrong type, a field that does not exist.
  if (located && (cause === located || cause instanceof GraphQLError)) {
    return { message: located.message, ...path, extensions: { code: 'BAD_USER_INPUT', ...located.extensions } };
  }
  if (isBadValue(cause)) {
    ctx.log.warn({ err: cause, path: located?.path }, 'the store refused a value of a request');
    return { message: 'A value of the request cannot be read.', ...path, extensions: { code: 'BAD_USER_INPUT' } };
  }
  ctx.log.error({ err: cause, path: located?.path }, 'an operation failed');
  return {
    message: 'Something went wrong on our side.',
    ...path,
    extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: ctx.requestId },
  };
}
