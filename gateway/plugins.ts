import type { QueryPlan } from '@apollo/query-planner';
import type { SubgraphRequest } from 'kit/request';
import type { RequestContext } from './execution/context.ts';
import type { Graph } from './graph/graph.ts';
import { checkHeaders } from './head.ts';
import type { Answer, GraphqlRequest } from './answer.ts';
import type { Operation } from './operation/operation.ts';
import { sayHeaders } from './transport/headers.ts';

type MaybePromise<T> = T | Promise<T>;
type Headers = Readonly<Record<string, string>>;
type Variables = Readonly<Record<string, unknown>>;

/** What a plugin may know of a request: who asks, the headers they sent, and `values`, which is the plugins' own. */
export type PluginContext = Pick<RequestContext, 'viewer' | 'requestId' | 'client' | 'headers'> & {
  /** Kept from `onRequest` to `onResponse`, for all plugins together: names should begin with the plugin's. */
  readonly values: Map<string, unknown>;
};

export interface RequestEvent {
  readonly request: GraphqlRequest;
  readonly context: PluginContext;
}

/** A checked operation. */
type AskedOperation = Pick<Operation, 'text' | 'name' | 'node' | 'document'>;

export interface OperationEvent {
  readonly operation: AskedOperation;
  /** As the client has sent them, not yet checked. */
  readonly variables: Readonly<Record<string, unknown>>;
  readonly context: PluginContext;
}

export interface PlanEvent {
  readonly graph: Graph;
  /** What was planned, one operation each: the client's text without what the viewer may not see; of a mutation one for each root field. */
  readonly texts: readonly string[];
  /** Not to be changed. */
  readonly plans: readonly QueryPlan[];
}

export interface FetchEvent {
  readonly subgraph: string;
  readonly request: SubgraphRequest;
  readonly context: PluginContext;
}

export interface ResponseEvent {
  readonly operation: AskedOperation;
  readonly answer: Answer;
  readonly context: PluginContext;
  readonly milliseconds: number;
}

export interface LiveResultEvent {
  readonly operation: AskedOperation;
  /** As the subscriber is about to get it. */
  readonly answer: Answer;
  readonly context: PluginContext;
}

/**
 * A part that sees operations pass, and may refuse or add. Plugins are called in their order, each after the one before has
 * finished. What they throw reaches clients: errors with a code as they are, others masked and logged.
 */
export interface Plugin {
  readonly name: string;
  /** Before anything is looked at. May refuse by throwing, or answer what to ask instead. */
  readonly onRequest?: (event: RequestEvent) => MaybePromise<Partial<GraphqlRequest> | void>;
  /**
   * Once it is known what is asked, by whichever way the text came (a product's own ones too), before its variables are
   * checked. May refuse by throwing, or answer other variables: what is put there goes where the operation has them.
   */
  readonly onOperation?: (
    event: OperationEvent,
  ) => MaybePromise<{ readonly variables: OperationEvent['variables'] } | void>;
  /** Once for each operation that is planned, not for each that runs. May refuse by throwing. */
  readonly onPlan?: (event: PlanEvent) => MaybePromise<void>;
  /**
   * Before each request to a subgraph. May add headers (over HTTP), or refuse by throwing: that fetch fails then. No fetch is
   * shared and nothing is cached where a plugin has it.
   */
  readonly onFetch?: (event: FetchEvent) => MaybePromise<{ readonly headers?: Headers } | void>;
  /** After a query or mutation has run. May add extensions, headers where the answer goes over HTTP, and answer other data. */
  readonly onResponse?: (event: ResponseEvent) => MaybePromise<ResponseChange | void>;
  /** Before each event of a subscription is sent. Throwing puts the error in its place. */
  readonly onEvent?: (event: LiveResultEvent) => MaybePromise<void>;
}

export interface ResponseChange {
  readonly data?: Answer['data'];
  readonly extensions?: Readonly<Record<string, unknown>>;
  readonly headers?: Headers;
}

/** All plugins as one; null where none takes part, so that nothing is spent on it. */
export interface Plugins {
  readonly request: ((request: GraphqlRequest, context: RequestContext) => Promise<GraphqlRequest>) | null;
  readonly operation:
    ((operation: Operation, variables: Variables, context: RequestContext) => Promise<Variables>) | null;
  readonly plan: ((event: PlanEvent) => Promise<void>) | null;
  readonly fetch: ((subgraph: string, request: SubgraphRequest, context: RequestContext) => Promise<Headers>) | null;
  readonly response:
    ((operation: Operation, answer: Answer, context: RequestContext, milliseconds: number) => Promise<Answer>) | null;
  readonly event: ((operation: Operation, answer: Answer, context: RequestContext) => Promise<void>) | null;
}

export function combinePlugins(plugins: readonly Plugin[] = []): Plugins {
  return {
    request: requestHook(plugins),
    operation: operationHook(plugins),
    plan: planHook(plugins),
    fetch: fetchHook(plugins),
    response: responseHook(plugins),
    event: eventHook(plugins),
  };
}

/** The plugins' view of a request, the same throughout it. */
function contextFor(context: RequestContext): PluginContext {
  context.values ??= new Map();
  return context as RequestContext & PluginContext;
}

type Hooks<Name extends keyof Plugin> = readonly NonNullable<Plugin[Name]>[];

function hooksNamed<Name extends 'onRequest' | 'onOperation' | 'onPlan' | 'onFetch' | 'onResponse' | 'onEvent'>(
  plugins: readonly Plugin[],
  name: Name,
): Hooks<Name> | null {
  const hooks = plugins.flatMap((plugin) => {
    const hook = plugin[name];
    return hook ? [hook.bind(plugin) as NonNullable<Plugin[Name]>] : [];
  });
  return hooks.length > 0 ? hooks : null;
}

function requestHook(plugins: readonly Plugin[]): Plugins['request'] {
  const hooks = hooksNamed(plugins, 'onRequest');
  if (!hooks) return null;
  return async (request, context) => {
    let changed = request;
    for (const hook of hooks) {
      const change = await hook({ request: changed, context: contextFor(context) });
      if (change) changed = { ...changed, ...change };
    }
    return changed;
  };
}

function operationHook(plugins: readonly Plugin[]): Plugins['operation'] {
  const hooks = hooksNamed(plugins, 'onOperation');
  if (!hooks) return null;
  return async (operation, sent, context) => {
    let variables = sent;
    for (const hook of hooks) {
      const change = await hook({ operation, variables, context: contextFor(context) });
      if (change) ({ variables } = change);
    }
    return variables;
  };
}

function planHook(plugins: readonly Plugin[]): Plugins['plan'] {
  const hooks = hooksNamed(plugins, 'onPlan');
  if (!hooks) return null;
  return async (event) => {
    for (const hook of hooks) await hook(event);
  };
}

function fetchHook(plugins: readonly Plugin[]): Plugins['fetch'] {
  const hooks = hooksNamed(plugins, 'onFetch');
  if (!hooks) return null;
  return async (subgraph, request, context) => {
    const headers: Record<string, string> = {};
    for (const hook of hooks) {
      const added = await hook({ subgraph, request, context: contextFor(context) });
      if (added?.headers) sayHeaders(headers, added.headers);
    }
    return headers;
  };
}

function responseHook(plugins: readonly Plugin[]): Plugins['response'] {
  const hooks = hooksNamed(plugins, 'onResponse');
  if (!hooks) return null;
  return async (operation, answer, context, milliseconds) => {
    let changed = answer;
    for (const hook of hooks) {
      const change = await hook({ operation, answer: changed, context: contextFor(context), milliseconds });
      if (change?.data !== undefined) changed = { ...changed, data: change.data };
      if (change?.extensions) changed = { ...changed, extensions: { ...changed.extensions, ...change.extensions } };
      if (!change?.headers) continue;
      checkHeaders(change.headers);
      context.answerHeaders = { ...context.answerHeaders, ...change.headers };
    }
    return changed;
  };
}

function eventHook(plugins: readonly Plugin[]): Plugins['event'] {
  const hooks = hooksNamed(plugins, 'onEvent');
  if (!hooks) return null;
  return async (operation, answer, context) => {
    for (const hook of hooks) await hook({ operation, answer, context: contextFor(context) });
  };
}
