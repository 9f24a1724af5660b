import type { FetchNode, FlattenNode, PlanNode } from '@apollo/query-planner';
import type { GraphQLSchema } from 'graphql';
import { compileDefer, telling } from './defer-plan.ts';
import { compileContextFetch, compileEntityFetches } from './entities.ts';
import { compileRootFetch } from './root-fetch.ts';
import type { EntityFetch, Step } from './step.ts';
import type { PlanPath } from './targets.ts';

/** Compiles a query plan: what can be known of it without data is worked out once. */
export function compilePlan(schema: GraphQLSchema, node: PlanNode | undefined): Step {
  return node ? compileNode(schema, node, []) : () => undefined;
}

function compileNode(schema: GraphQLSchema, node: PlanNode, path: PlanPath): Step {
  switch (node.kind) {
    case 'Sequence':
      return inSequence(node.nodes.map((one) => compileNode(schema, one, path)));
    case 'Parallel':
      return compileParallel(schema, node.nodes, path);
    case 'Flatten':
      return compileNode(schema, node.node, [...path, ...node.path]);
    case 'Fetch':
      return telling([node.id], compileFetch(schema, node, path));
    case 'Condition': {
      const [first, other] = [node.ifClause, node.elseClause].map((one) => one && compileNode(schema, one, path));
      return (run) => (run.conditions[node.condition] ? first?.(run) : other?.(run));
    }
    case 'Defer':
      return compileDefer(node, (inner) => compileNode(schema, inner, path));
  }
}

function compileFetch(schema: GraphQLSchema, node: FetchNode, path: PlanPath): Step {
  if (node.requires && node.contextRewrites) return compileContextFetch(schema, { node, path }, node.contextRewrites);
  return node.requires ? compileEntityFetches(schema, [{ node, path }]) : compileRootFetch(schema, node, path);
}

export function inSequence(steps: readonly Step[]): Step {
  const [only] = steps;
  if (steps.length === 1 && only) return only;
  return async (run) => {
    for (const step of steps) await step(run);
  };
}

function inParallel(steps: readonly Step[]): Step {
  const [only] = steps;
  if (steps.length === 1 && only) return only;
  return async (run) => {
    await Promise.all(steps.map(async (step) => step(run)));
  };
}

/** Lookups of entities that go to one subgraph at one moment go in one request. */
function compileParallel(schema: GraphQLSchema, nodes: readonly PlanNode[], path: PlanPath): Step {
  const byService = new Map<string, EntityFetch[]>();
  const steps: Step[] = [];
  for (const node of nodes) {
    const fetch = entityFetchOf(node, path);
    if (!fetch) {
      steps.push(compileNode(schema, node, path));
      continue;
    }
    const known = byService.get(fetch.node.serviceName);
    if (known) known.push(fetch);
    else byService.set(fetch.node.serviceName, [fetch]);
  }
  for (const fetches of byService.values()) {
    const ids = fetches.map(({ node }) => node.id);
    steps.push(telling(ids, compileEntityFetches(schema, fetches)));
  }
  return inParallel(steps);
}

function entityFetchOf(node: PlanNode, path: PlanPath): EntityFetch | null {
  let here: PlanNode = node;
  let at = path;
  while (here.kind === 'Flatten') {
    const flatten: FlattenNode = here;
    at = [...at, ...flatten.path];
    here = flatten.node;
  }
  return here.kind === 'Fetch' && here.requires && !here.contextRewrites ? { node: here, path: at } : null;
}
