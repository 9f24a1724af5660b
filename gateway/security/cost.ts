import {
  valueFromASTUntyped,
  type DocumentNode,
  type GraphQLError,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import { createSharing, evaluate, MAX_COST, type Frame } from './cost.expression.ts';
import { costModelOf } from './cost.model.ts';
import { defaultCostOptions, type CostOptions } from './cost.options.ts';
import { costOfSet, type Compilation } from './cost.selection.ts';
import { overLimit } from './limits.ts';
import { fragmentsOf } from './measure.ts';

export { defaultCostOptions, type CostOptions };

export interface CostedGraph {
  /** What clients ask. */
  readonly schema: GraphQLSchema;
  /** Where `@cost` and `@listSize` are written, as a schema or its document. */
  readonly supergraphSchema: GraphQLSchema | DocumentNode;
}

/** The cost of one request, an integer from 0 to MAX_COST. Throws COST_INVALID_SLICING_ARGUMENTS. */
export type OperationCost = (variables?: Readonly<Record<string, unknown>>) => number;

/**
 * Compiles the static cost of a valid operation, after IBM's GraphQL Cost Directives specification as federation has it
 * (`@cost`, `@listSize`): what a field returns and what is below, times the entries of its lists, plus its arguments.
 * Fields are counted as often as they are written, unless `@skip` or `@include` says a literal no; of the types that an
 * interface or union may be, the dearest counts. Throws COST_INVALID_SLICING_ARGUMENTS where the document is at fault
 * whatever the variables are.
 */
export function compileCost(
  graph: CostedGraph,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  options: CostOptions = defaultCostOptions,
): OperationCost {
  const rootType = graph.schema.getRootType(operation.operation);
  if (!rootType) return () => 0;
  const compilation: Compilation = {
    schema: graph.schema,
    model: costModelOf(graph.supergraphSchema),
    options,
    fragments: fragmentsOf(document),
    defaults: defaultsOf(operation),
    share: createSharing(),
    fields: new Map(),
    spreads: new Map(),
    typeWeights: new Map(),
    fieldModels: new Map(),
  };
  const expression = costOfSet(compilation, operation.selectionSet, rootType, null);
  if (typeof expression === 'number') {
    const cost = whole(expression);
    return () => cost;
  }
  return (variables = {}) => whole(evaluate(expression, { variables, shared: [] } satisfies Frame));
}

const whole = (cost: number): number => Math.max(0, Math.min(Math.ceil(cost), MAX_COST));

function defaultsOf({ variableDefinitions = [] }: OperationDefinitionNode): ReadonlyMap<string, unknown> {
  const defaults = new Map<string, unknown>();
  for (const { variable, defaultValue } of variableDefinitions) {
    if (defaultValue) defaults.set(variable.name.value, valueFromASTUntyped(defaultValue));
  }
  return defaults;
}

/** A refusal where the cost is over the limit, with both. */
export function checkCost(cost: number, limit: number): GraphQLError | null {
  return cost > limit ? overLimit('COST_LIMIT_EXCEEDED', 'The operation costs too much', cost, limit) : null;
}
