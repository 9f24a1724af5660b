import type { QueryPlanSelectionNode } from '@apollo/query-planner';
import type { GraphQLSchema } from 'graphql';
import { isData, isOfType, merge, own, put, type Data } from './data.ts';

/** What a subgraph must be told of an entity, out of what is known of it; null where something of it is missing. */
export type Represent = (data: Data) => Data | null;

/** Compiles a fetch's `requires`: one branch for each type an entity may have, one step for each field. */
export function compileRepresentation(schema: GraphQLSchema, requires: readonly QueryPlanSelectionNode[]): Represent {
  const select = compileSelections(schema, requires);
  return (data) => {
    const representation = select(data);
    return representation && own(representation, '__typename') ? representation : null;
  };
}

type Step = (source: Data, into: Data) => boolean;

function compileSelections(
  schema: GraphQLSchema,
  nodes: readonly QueryPlanSelectionNode[],
): (source: Data) => Data | null {
  const steps = nodes.map((node) => compileNode(schema, node));
  return (source) => {
    const into: Data = {};
    for (const step of steps) if (!step(source, into)) return null;
    return into;
  };
}

function compileNode(schema: GraphQLSchema, node: QueryPlanSelectionNode): Step {
  if (node.kind === 'Field') {
    const name = node.alias ?? node.name;
    const inner = node.selections ? compileSelections(schema, node.selections) : null;
    return (source, into) => {
      const value = own(source, name);
      if (value === undefined) return false;
      put(into, name, inner ? selectIn(value, inner) : value);
      return true;
    };
  }
  const { typeCondition } = node;
  const inner = compileSelections(schema, node.selections);
  if (typeCondition === undefined) return () => true;
  const known = new Map<unknown, boolean>();
  return (source, into) => {
    const type = source['__typename'];
    let does = known.get(type);
    if (does === undefined) {
      does = isOfType(schema, source, typeCondition, false);
      if (typeof type === 'string' && schema.getType(type)) known.set(type, does);
    }
    if (!does) return true;
    const selected = inner(source);
    // As the stock gateway: a branch that lacks something leaves what the others have given.
    if (selected) merge(into, selected);
    return true;
  };
}

function selectIn(value: unknown, select: (source: Data) => Data | null): unknown {
  if (Array.isArray(value)) return value.map((one) => selectIn(one, select));
  return isData(value) ? select(value) : null;
}
