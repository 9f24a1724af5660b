import type { FetchNode, QueryPlanSelectionNode } from '@apollo/query-planner';
import { isInterfaceType, isObjectType, type GraphQLSchema } from 'graphql';
import { joinsOf } from '../graph/joins.ts';
import { doesApply, type RuntimeType } from './collect.ts';
import { brings, isPartOf } from './brought.ts';
import { isData, isOfType, own, put, type Data } from './data.ts';
import { applyRewrites, rewritesFor } from './rewrites.ts';

/** What is noticed while an entity is represented. */
export interface Notes {
  /** The last one has a key, and lacks something else that some field of the fetch requires. */
  isIncomplete: boolean;
}

/** What a subgraph must be told of an entity, out of what is known of it; null where that holds no key. */
export type Represent = (data: Data, notes: Notes) => Data | null;

type Lookup = Pick<FetchNode, 'serviceName' | 'requires' | 'inputRewrites'>;

/** Compiles a fetch's `requires`: for each type that an entity turns out to have, one step for each field. */
export function compileRepresentation(schema: GraphQLSchema, lookup: Lookup): Represent {
  const byType = new Map<string, Represent>();
  return (data, notes) => {
    const name = data['__typename'];
    if (typeof name !== 'string') return null;
    let represent = byType.get(name);
    if (!represent) {
      const type = schema.getType(name);
      // A subgraph may make up any number of names; only types are remembered.
      if (!isObjectType(type) && !isInterfaceType(type)) return null;
      byType.set(name, (represent = compileFor(schema, lookup, type)));
    }
    return represent(data, notes);
  };
}

type FieldNode = Extract<QueryPlanSelectionNode, { kind: 'Field' }>;
type Step = (source: Data, into: Data, notes: Notes) => void;

function compileFor(
  schema: GraphQLSchema,
  { serviceName, requires = [], inputRewrites = [] }: Lookup,
  type: RuntimeType,
): Represent {
  const nodes = fieldsFor(schema, requires, type);
  const { name, rewrites } = rewritesFor(schema, inputRewrites, type);
  const keys = joinsOf(schema).keysOf(serviceName, name);
  const isKnown = nodes.some((node) => node.name === '__typename');
  // A branch for all types may name what one of them requires, and the keys may stand in the others' branches.
  if (!isKnown || !keys.some((key) => isPartOf(key, nodes))) return () => null;
  const steps = nodes.filter((node) => node.name !== '__typename').map((node) => compileField(schema, node));
  return (data, notes) => {
    const into: Data = { __typename: name };
    notes.isIncomplete = false;
    for (const step of steps) step(data, into, notes);
    if (rewrites.length > 0) applyRewrites(schema, rewrites, into);
    if (!notes.isIncomplete) return into;
    return keys.some((key) => brings(schema, into, key)) ? into : null;
  };
}

/** The fields of the branches that are for a type, those of one name together. */
function fieldsFor(
  schema: GraphQLSchema,
  nodes: readonly QueryPlanSelectionNode[],
  type: RuntimeType,
  found = new Map<string, FieldNode>(),
): readonly FieldNode[] {
  for (const node of nodes) {
    if (node.kind === 'InlineFragment') {
      const { typeCondition } = node;
      if (typeCondition === undefined || doesApply(schema, typeCondition, type)) {
        fieldsFor(schema, node.selections, type, found);
      }
      continue;
    }
    const name = node.alias ?? node.name;
    const known = found.get(name);
    const selections = known?.selections && node.selections && [...known.selections, ...node.selections];
    found.set(name, selections ? { ...node, selections } : node);
  }
  return [...found.values()];
}

/** An alias is where the value is found; its name is what the subgraph calls it. */
function compileField(schema: GraphQLSchema, { alias, name, selections }: FieldNode): Step {
  const from = alias ?? name;
  const steps = selections?.map((node) => compileNode(schema, node));
  return (source, into, notes) => {
    const value = own(source, from);
    if (value === undefined) notes.isIncomplete = true;
    else put(into, name, steps ? selectIn(value, steps, notes) : value);
  };
}

function compileNode(schema: GraphQLSchema, node: QueryPlanSelectionNode): Step {
  if (node.kind === 'Field') return compileField(schema, node);
  const { typeCondition } = node;
  const steps = node.selections.map((inner) => compileNode(schema, inner));
  const known = new Map<unknown, boolean>();
  return (source, into, notes) => {
    const type = source['__typename'];
    let does = typeCondition === undefined || known.get(type);
    if (does === undefined) {
      does = isOfType(schema, source, typeCondition ?? '', false);
      if (typeof type === 'string' && schema.getType(type)) known.set(type, does);
    }
    if (does) for (const step of steps) step(source, into, notes);
  };
}

function selectIn(value: unknown, steps: readonly Step[], notes: Notes): unknown {
  if (Array.isArray(value)) return value.map((one) => selectIn(one, steps, notes));
  if (!isData(value)) return null;
  const into: Data = {};
  for (const step of steps) step(value, into, notes);
  return into;
}
