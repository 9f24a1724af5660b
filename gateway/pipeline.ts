import { setImmediate as nextTurn } from 'node:timers/promises';
import { GraphQLError } from 'graphql';
import type { Logger } from 'kit/logger';
import type { Client, Viewer } from 'kit/viewer';
import { accessOf, type AccessHooks } from './authorization/access.ts';
import type { Caching, RunWithMemory } from './cache/caching.ts';
import type { GatewaySettings } from './config.ts';
import type { Documents } from './documents/documents.ts';
import type { Answer, GraphqlRequest, Ready, Refusal } from './answer.ts';
import { createAdmission } from './admission.ts';
import { createErrorFormatter, refusal, type FormatError } from './errors.ts';
import type { RequestContext } from './execution/context.ts';
import type { FetchFromSubgraph } from './execution/fetch.ts';
import { runOperation } from './execution/run.ts';
import type { Graph } from './graph/graph.ts';
import { createExecuteInParts, type ExecuteInParts } from './incremental/execute.ts';
import type { Planner } from './graph/planner.ts';
import { requests, requestSeconds } from './metrics.ts';
import type { Plugins } from './plugins.ts';
import type { Operation, Restriction } from './operation/operation.ts';
import { createPreparation, Refused, type Preparation } from './operation/prepare.ts';
import type { RateLimiter } from './security/rate-limit.ts';

export interface Pipeline {
  /** The graph that new operations are answered from. */
  readonly graph: () => Graph;
  /** Answers from another graph, once what is in use is ready for it; what runs ends on the one it began on. */
  readonly take: (graph: Graph) => Promise<void>;
  /** Prepares texts ahead of their first use, while nothing else is to be planned and for as long as it is wanted. Never rejects. */
  readonly makeReady: (texts: readonly string[], isWanted: () => boolean) => Promise<void>;
  /** Checks a request. Never throws for what a client can do wrong. */
  readonly prepare: (request: GraphqlRequest, context: RequestContext) => Promise<Ready | Refusal>;
  /** What somebody is told whose credentials do not hold: that, or that it was too often. */
  readonly refuseUnproven: (error: GraphQLError, client: Client) => Promise<GraphQLError>;
  /** Runs a query or mutation. Never rejects. */
  readonly execute: (ready: Ready, context: RequestContext) => Promise<Answer>;
  readonly executeInParts: ExecuteInParts;
  /** What is sent of an event once plugins have seen it; null where there are none. Never rejects. */
  readonly onEvent: ((operation: Operation, answer: Answer, context: RequestContext) => Promise<Answer>) | null;
  /** Errors as clients see them. */
  readonly format: FormatError;
}

export interface PipelineOptions {
  readonly graph: Graph;
  readonly planner: Planner;
  readonly settings: GatewaySettings;
  readonly fetchFromSubgraph: FetchFromSubgraph;
  readonly plugins: Plugins;
  /** Persisted and listed documents; without them a request's text is all there is. */
  readonly documents?: Documents | null | undefined;
  /** Without it everybody may ask as much as they like. */
  readonly limiter?: RateLimiter | null | undefined;
  /** Without it nothing is kept. */
  readonly caching?: Caching | null | undefined;
  /** Which policies hold for a viewer, and which scopes. */
  readonly access?: AccessHooks<Viewer> | undefined;
  readonly logger: Logger;
}

/** The way of every operation: prepared once by its text, then fetched and shaped. */
export function createPipeline(options: PipelineOptions): Pipeline {
  const { planner, settings, fetchFromSubgraph, plugins, documents, caching, access, logger } = options;
  let { graph } = options;
  const tools = { planner, onPlan: plugins.plan };
  let preparation = createPreparation(graph, settings, tools);
  const format = createErrorFormatter(logger);
  let running = 0;
  const admission = createAdmission({
    settings,
    limiter: options.limiter ?? null,
    running: () => running,
    log: logger,
  });
  const failed = (error: unknown): Answer => ({ data: null, errors: [format(asGraphQLError(error))] });
  const restricted = async ({ to, policies }: Restriction, { viewer }: RequestContext): Promise<Operation> =>
    to(await accessOf(viewer, policies, access));
  const answerTo = (ready: Ready, context: RequestContext): Promise<Answer> => {
    const run: RunWithMemory = (operation, data, memory) =>
      runOperation(operation, ready.variables, context, fetchFromSubgraph, { data, errors: [], memory });
    return caching ? caching.answer(ready, context, run) : run(ready.operation, {}, null);
  };
  const inParts = createExecuteInParts({
    fetchFromSubgraph,
    plugins,
    caching,
    timeoutSeconds: settings.DEFER_TIMEOUT_SECONDS,
    failed,
  });
  return {
    graph: () => graph,
    take: async (next) => {
      const prepared = createPreparation(next, settings, tools);
      const deadline = performance.now() + settings.RELOAD_WARM_SECONDS * 1000;
      await makeReady(prepared, preparation.known(), () => performance.now() <= deadline);
      graph = next;
      preparation = prepared;
    },
    makeReady: (texts, isWanted) => {
      const [current, kept] = [preparation, texts.slice(0, settings.MAX_PLANS)];
      const asked = kept.map((text) => ({ text, name: null }));
      return makeReady(current, asked, () => isWanted() && preparation === current);
    },
    format,
    onEvent: eventWith(plugins, failed),
    executeInParts: (ready, context, request) => {
      running++;
      return inParts(ready, context, request).finally(() => running--);
    },
    refuseUnproven: admission.refuseUnproven,
    prepare: async (asked, context) => {
      let isCounted = false;
      try {
        const request = plugins.request && !asked.isOwn ? await plugins.request(asked, context) : asked;
        const { query, operationName, variables } = request;
        const resolved = documents?.resolve(request, context.viewer) ?? { text: query, hashToKeep: null };
        const found = resolved instanceof Promise ? await resolved : resolved;
        const { find, prepare } = preparation;
        let whole = find(found.text, operationName);
        if (!whole) {
          // To prepare is dear, and what it makes is kept: nobody may have more of that than of requests.
          const refused = asked.isRunning ? null : await admission.count(context);
          if (refused) return refused;
          isCounted = true;
          whole = prepare(found.text, operationName);
        }
        if (whole instanceof Promise) whole = await whole;
        documents?.keep(found);
        const operation = whole.restricted ? await restricted(whole.restricted, context) : whole;
        const isChanged = plugins.operation && !asked.isRunning;
        const given = isChanged ? await plugins.operation(operation, variables, context) : variables;
        const coerced = operation.coerce(given, !settings.isIntrospectable);
        if (!('sent' in coerced))
          return asked.isRunning ? { errors: coerced } : await admission.refuse(coerced, context, isCounted);
        const ready = { operation, variables: coerced, given };
        return asked.isRunning ? ready : await admission.admit(ready, context, isCounted);
      } catch (error) {
        const errors = errorsOf(error);
        return asked.isRunning ? { errors } : admission.refuse(errors, context, isCounted);
      }
    },
    execute: async (ready, context) => {
      const { operation } = ready;
      const type = operation.node.operation;
      const startedAt = performance.now();
      running++;
      let answer = await answerTo(ready, context).catch(failed);
      running--;
      if (plugins.response) {
        const milliseconds = performance.now() - startedAt;
        // An answer that a plugin could not look at is not given: it might have taken something out of it.
        answer = await plugins.response(operation, answer, context, milliseconds).catch(failed);
      }
      requests.inc(type, answer.errors ? 'errors' : 'success');
      requestSeconds.observe(type, (performance.now() - startedAt) / 1000);
      return answer;
    },
  };
}

function eventWith({ event }: Plugins, failed: (error: unknown) => Answer): Pipeline['onEvent'] {
  if (!event) return null;
  return (operation, answer, context) => event(operation, answer, context).then(() => answer, failed);
}

/** Prepares texts, such as another preparation has in use, and lets requests pass meanwhile. */
async function makeReady(
  preparation: Preparation,
  texts: ReturnType<Preparation['known']>,
  isWanted: () => boolean,
): Promise<void> {
  for (const { text, name } of texts) {
    if (!isWanted()) return;
    try {
      if (!preparation.find(text, name)) await preparation.prepare(text, name, true);
    } catch {
      // It does not fit the graph: whoever asks for it is told so.
    }
    await nextTurn();
  }
}

function errorsOf(error: unknown): readonly GraphQLError[] {
  return error instanceof Refused ? error.errors : [asGraphQLError(error)];
}

const asGraphQLError = (error: unknown): GraphQLError => {
  if (error instanceof GraphQLError) return error;
  const originalError = error instanceof Error ? error : new Error(String(error));
  return new GraphQLError('failed', { originalError });
};

/** Subscriptions have doors of their own. */
export const notHere = (): GraphQLError =>
  refusal(
    'BAD_REQUEST',
    'Subscriptions are streamed: over a WebSocket at this path (graphql-transport-ws), or as text/event-stream.',
    {
      status: 400,
    },
  );
