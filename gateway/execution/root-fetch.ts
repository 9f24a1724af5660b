import type { FetchNode } from '@apollo/query-planner';
import type { GraphQLSchema } from 'graphql';
import { copy, merge, type Data } from './data.ts';
import type { SubgraphError } from 'kit/request';
import { joinsOf } from '../graph/joins.ts';
import type { PlanRun, Step } from './step.ts';
import { applyRewrites } from './rewrites.ts';
import { commonPath, targetsAt, type PlanPath } from './targets.ts';
import { compileVariables } from './variables.ts';

/** Compiles a fetch that needs nothing known: fields of a root type, mostly at the root of the answer. */
export function compileRootFetch(schema: GraphQLSchema, node: FetchNode, path: PlanPath): Step {
  const { serviceName, operation, operationName = null, outputRewrites = [] } = node;
  const variablesOf = compileVariables(node.variableUsages ?? []);
  const { interfaceObjects } = joinsOf(schema);
  return async (run) => {
    const targets = path.length === 0 ? [run.data] : targetsAt(run.data, path);
    if (targets.length === 0) return;
    const request = { query: operation, operationName, variables: variablesOf(run.variables) };
    const { data, errors } = await run.fetch(serviceName, request);
    if (errors) noteErrors(run, errors, path);
    if (!data) return;
    applyRewrites(schema, outputRewrites, data);
    // Each target owns what it is given: a later fetch writes into it.
    targets.forEach((target, index) => merge(target, index === 0 ? data : (copy(data) as Data), interfaceObjects));
  };
}

function noteErrors(run: PlanRun, errors: readonly SubgraphError[], path: PlanPath): void {
  const prefix = commonPath(path);
  for (const error of errors) {
    const at = [...prefix, ...(error.path ?? [])];
    run.errors.push(at.length > 0 ? { ...error, path: at } : error);
  }
}
