import { parentPort } from 'node:worker_threads';
import {
  operationFromDocument,
  ROUTER_SUPPORTED_SUPERGRAPH_FEATURES,
  Supergraph,
  type Schema,
} from '@apollo/federation-internals';
import { QueryPlanner, type QueryPlan } from '@apollo/query-planner';
import { parse, type DocumentNode, type GraphQLSchema } from 'graphql';
import { withoutAbstractFragments } from '../operation/expand.ts';
import { plannable, type Plannable } from './plannable/plannable.ts';
import { realise } from './plannable/realise.ts';
import { repairPlanner } from './planner-repair.ts';

// Runs in a thread of its own: see planner.ts.
repairPlanner();

/** What the gateway's thread asks of this one. */
export type PlannerJob =
  | { readonly kind: 'load'; readonly graphId: string; readonly sdl: string }
  | { readonly kind: 'plan'; readonly graphId: string; readonly texts: readonly string[]; readonly moved: MovedLabels }
  | { readonly kind: 'forget'; readonly graphId: string };

/** Labels of progressive overrides whose fields have moved. */
export type MovedLabels = readonly string[];

/** The answers, in the order of the jobs. */
export type PlannerReply =
  { readonly plans: readonly QueryPlan[] } | { readonly failure: string; readonly isTooComplex: boolean };

interface Loaded {
  readonly apiSchema: Schema;
  readonly planner: QueryPlanner;
  readonly written: Plannable;
  /** Null where the planner can be given every fragment. */
  readonly expandable: GraphQLSchema | null;
}

/** Apollo's own default is 10,000, which can take seconds: a hundred is less than 250 ms for the worst operation that limits let pass. */
const EVALUATED_PLANS = 100;

/**
 * Ways to reach one field that are looked at, of those that grow by multiplication where fields are shared by subgraphs: without
 * it a dozen nested fields can take gigabytes. Planning fails beyond it.
 */
const PATHS = 500;
const TOO_MANY_PATHS = 'Too many options generated';

const graphs = new Map<string, Loaded>();

function run(job: PlannerJob): PlannerReply {
  if (job.kind === 'plan') return { plans: job.texts.map((text) => planOf(job.graphId, text, job.moved)) };
  if (job.kind === 'forget') graphs.delete(job.graphId);
  else graphs.set(job.graphId, load(job.sdl));
  return { plans: [] };
}

function load(sdl: string): Loaded {
  const written = plannable(sdl);
  if (written.sdl === sdl) return loadWritten(written);
  try {
    return loadWritten(written);
  } catch (error) {
    // The supergraph itself can always be planned, if less well.
    process.emitWarning(`the supergraph is planned as it is: ${String(error)}`, { code: 'SUPERGRAPH_AS_IT_IS' });
    return loadWritten({ sdl, fields: new Map(), services: new Map() });
  }
}

function loadWritten(written: Plannable): Loaded {
  const supergraph = Supergraph.build(written.sdl, {
    supportedFeatures: ROUTER_SUPPORTED_SUPERGRAPH_FEATURES,
    // What is written for the planner names things that are nobody's; the gateway's own thread checks the original.
    validateSupergraph: written.fields.size === 0 && written.services.size === 0,
  });
  const config = {
    incrementalDelivery: { enableDefer: true },
    debug: { maxEvaluatedPlans: EVALUATED_PLANS, pathsLimit: PATHS },
  };
  const apiSchema = supergraph.apiSchema();
  return {
    apiSchema,
    planner: new QueryPlanner(supergraph, config),
    written,
    expandable: written.sdl.includes('isInterfaceObject: true') ? apiSchema.toGraphQLJSSchema() : null,
  };
}

function planOf(graphId: string, text: string, moved: MovedLabels): QueryPlan {
  const graph = graphs.get(graphId);
  if (!graph) throw new Error(`the planner does not know the graph ${graphId}`);
  const document = parse(text, { noLocation: true });
  return realise(planWritten(graph, document, moved), graph.written);
}

function planWritten(
  { apiSchema, planner, expandable }: Loaded,
  document: DocumentNode,
  moved: MovedLabels,
): QueryPlan {
  const plan = (one: DocumentNode): QueryPlan =>
    planner.buildQueryPlan(operationFromDocument(apiSchema, one, { validate: false }), {
      overrideConditions: new Map(moved.map((label) => [label, true])),
    });
  try {
    return plan(document);
  } catch (error) {
    // Below an object whose type its subgraph does not know, the planner fails at fragments on interfaces and unions.
    const expanded = expandable && !isTooComplex(error) && withoutAbstractFragments(expandable, document);
    if (!expanded) throw error;
    return plan(expanded);
  }
}

const isTooComplex = (error: unknown): boolean => error instanceof Error && error.message.startsWith(TOO_MANY_PATHS);

parentPort?.on('message', (job: PlannerJob) => {
  let reply: PlannerReply;
  try {
    reply = run(job);
  } catch (error) {
    const { message, stack = message } = error instanceof Error ? error : new Error(String(error));
    reply = { failure: stack, isTooComplex: isTooComplex(error) };
  }
  parentPort?.postMessage(reply);
});
