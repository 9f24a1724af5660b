import { parentPort } from 'node:worker_threads';
import {
  operationFromDocument,
  ROUTER_SUPPORTED_SUPERGRAPH_FEATURES,
  Supergraph,
  type Schema,
} from '@apollo/federation-internals';
import { QueryPlanner, type QueryPlan } from '@apollo/query-planner';
import { parse } from 'graphql';

// Runs in a thread of its own: see planner.ts.

/** What the gateway's thread asks of this one. */
export type PlannerJob =
  | { readonly kind: 'load'; readonly graphId: string; readonly sdl: string }
  | { readonly kind: 'plan'; readonly graphId: string; readonly texts: readonly string[] }
  | { readonly kind: 'forget'; readonly graphId: string };

/** The answers, in the order of the jobs. */
export type PlannerReply = { readonly plans: readonly QueryPlan[] } | { readonly failure: string };

interface Loaded {
  readonly apiSchema: Schema;
  readonly planner: QueryPlanner;
}

/** Apollo's own default is 10,000, which takes seconds; a thousand finds the best plan of every operation seen so far. */
const EVALUATED_PLANS = 1000;

const graphs = new Map<string, Loaded>();

function run(job: PlannerJob): PlannerReply {
  if (job.kind === 'plan') return { plans: job.texts.map((text) => planOf(job.graphId, text)) };
  if (job.kind === 'forget') graphs.delete(job.graphId);
  else graphs.set(job.graphId, load(job.sdl));
  return { plans: [] };
}

function load(sdl: string): Loaded {
  const supergraph = Supergraph.build(sdl, { supportedFeatures: ROUTER_SUPPORTED_SUPERGRAPH_FEATURES });
  const config = { incrementalDelivery: { enableDefer: true }, debug: { maxEvaluatedPlans: EVALUATED_PLANS } };
  return { apiSchema: supergraph.apiSchema(), planner: new QueryPlanner(supergraph, config) };
}

function planOf(graphId: string, text: string): QueryPlan {
  const graph = graphs.get(graphId);
  if (!graph) throw new Error(`the planner does not know the graph ${graphId}`);
  const document = parse(text, { noLocation: true });
  return graph.planner.buildQueryPlan(operationFromDocument(graph.apiSchema, document, { validate: false }));
}

parentPort?.on('message', (job: PlannerJob) => {
  let reply: PlannerReply;
  try {
    reply = run(job);
  } catch (error) {
    reply = { failure: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
  parentPort?.postMessage(reply);
});
