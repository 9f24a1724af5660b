import type { PlanNode, SubscriptionNode } from '@apollo/query-planner';
import { Kind, parse, type DocumentNode, type GraphQLSchema, type OperationDefinitionNode } from 'graphql';
import { refusal } from '../errors.ts';
import { collectFields, fragmentsOf, type Selections } from '../execution/collect.ts';
import type { Names } from './names.ts';
import type { Operation } from './operation.ts';
import { operationIn, rootFields } from './serial.ts';

type Planned = PlanNode | SubscriptionNode | undefined;

/**
 * Refuses what the planner has left out: it plans nothing for a root field that no subgraph can answer, such as one of an
 * interface that its subgraph must not be asked for, and says nothing.
 */
export function refusingUnplanned(
  coerce: Operation['coerce'],
  schema: GraphQLSchema,
  { document, ofClient, variables: inPlan }: Names,
  operation: OperationDefinitionNode,
  plans: readonly Planned[],
): Operation['coerce'] {
  const node = operationIn(document, operation);
  const fetched = new Set<string>();
  for (const plan of plans) addFetched(plan, fetched);
  const fragments = fragmentsOf(document);
  const fields = rootFields(node.selectionSet.selections, fragments, []);
  const left = fields
    .map(({ field }) => field)
    .filter(({ alias, name }) => !name.value.startsWith('__') && !fetched.has((alias ?? name).value));
  const type = schema.getRootType(node.operation);
  if (left.length === 0 || !type) return coerce;
  return (variables, hidesSuggestions) => {
    const coerced = coerce(variables, hidesSuggestions);
    if (!('conditions' in coerced)) return coerced;
    const selections: Selections = { schema, fragments, conditions: inPlan(coerced.conditions) };
    // Conditions may rule out for good what stands in the text.
    for (const [name, fields] of collectFields(selections, type, [node.selectionSet])) {
      if (fields.some((field) => left.includes(field))) return [unplanned(ofClient(name))];
    }
    return coerced;
  };
}

/** Response names that a plan fetches at the root. */
function addFetched(node: Planned, names: Set<string>): void {
  switch (node?.kind) {
    case 'Fetch':
      if (node.requires) return;
      addRootNames(parse(node.operation, { noLocation: true }), names);
      return;
    case 'Sequence':
    case 'Parallel':
      return node.nodes.forEach((one) => addFetched(one, names));
    case 'Condition':
      return [node.ifClause, node.elseClause].forEach((one) => addFetched(one, names));
    case 'Subscription':
      return addFetched(node.primary, names);
    default:
  }
}

function addRootNames(document: DocumentNode, names: Set<string>): void {
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    const fields = rootFields(definition.selectionSet.selections, fragmentsOf(document), []);
    for (const { field } of fields) names.add((field.alias ?? field.name).value);
  }
}

const unplanned = (name: string) =>
  refusal('QUERY_PLANNING_FAILED', `No part of the graph can answer "${name}" as it is asked for here.`, {
    status: 500,
    field: name,
  });
