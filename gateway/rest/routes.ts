import type { Graph } from '../graph/graph.ts';
import { addHeaders, send, type Exchange, type Handler } from '../http.ts';
import { refusal } from '../errors.ts';
import { createPathMatcher } from '../paths.ts';
import { tracedHandler } from '../telemetry/traced.ts';
import { compileRest } from './compile.ts';
import { openApiOf } from './openapi.ts';
import type { CompiledOperation } from './rest.ts';
import { guarded, serveOperation, type RestHandler, type RestOptions } from './serve.ts';

export interface RestRoutes {
  readonly match: (path: string) => Handler | undefined;
  /** Everything else below the base: nothing, said in the form of the rest. */
  readonly below: Readonly<Record<string, Handler>>;
}

/** The paths of a table. Throws where it does not fit the graph. */
export function restRoutes(options: RestOptions): RestRoutes {
  const { api, pipeline } = options;
  const below = `${api.base}/`;
  const compiled = compileRest(api, pipeline.graph().schema);
  const byPath = Map.groupBy(compiled, ({ declared }) => api.base + declared.path);
  const served = [...byPath].map(([path, operations]) => [path, servePath(options, operations)] as const);
  const entries = [[`${api.base}/openapi.json`, serveDocument(options)] as const, ...served];
  const matcher = createPathMatcher<RestHandler>(
    entries.map(([path, handler]) => [path, tracedHandler(path, handler)] as const),
  );
  const nothing = tracedHandler(
    below,
    guarded(options, () => {
      throw refusal('NOT_FOUND', 'There is nothing at this path.', { status: 404 });
    }),
  );
  return {
    match: (path) => {
      const found = matcher(path);
      return found && ((exchange) => found.value(exchange, found.parameters));
    },
    below: { [below]: (exchange) => nothing(exchange, {}) },
  };
}

const methodOf = ({ method }: Exchange): string => (method === 'HEAD' ? 'GET' : method);

function servePath(options: RestOptions, operations: readonly CompiledOperation[]): RestHandler {
  const byMethod = new Map(
    operations.map((compiled) => [compiled.declared.method as string, serveOperation(options, compiled)]),
  );
  const misplaced = notAllowed(options, [...byMethod.keys()]);
  return (exchange, parameters) => (byMethod.get(methodOf(exchange)) ?? misplaced)(exchange, parameters);
}

function notAllowed(options: RestOptions, methods: readonly string[]): RestHandler {
  const allowed = methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])).join(', ');
  return guarded(options, (exchange) => {
    addHeaders(exchange, { allow: allowed });
    throw refusal('METHOD_NOT_ALLOWED', `This path answers ${allowed}.`, { status: 405 });
  });
}

/** Written once for each graph that is served. */
function serveDocument(options: RestOptions): RestHandler {
  const { api, pipeline } = options;
  let written: { readonly graph: Graph; readonly text: string } | null = null;
  const misplaced = notAllowed(options, ['GET']);
  return guarded(options, async (exchange, parameters) => {
    if (methodOf(exchange) !== 'GET') return misplaced(exchange, parameters);
    const graph = pipeline.graph();
    if (written?.graph !== graph) {
      written = { graph, text: JSON.stringify(openApiOf(api, compileRest(api, graph.schema))) };
    }
    const headers = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'public, max-age=300' };
    send(exchange, 200, headers, written.text);
  });
}
