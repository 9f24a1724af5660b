import {
  defaultTypeResolver,
  type FieldNode,
  type GraphQLAbstractType,
  GraphQLBoolean,
  GraphQLError,
  GraphQLFloat,
  GraphQLID,
  GraphQLInt,
  type GraphQLLeafType,
  type GraphQLObjectType,
  GraphQLString,
} from 'graphql';
import { inspect } from 'graphql/jsutils/inspect.js';
import { ensureRuntimeType } from './abstract.ts';
import { executeFields, executeItems } from './run.ts';
import { isPromise, whenKnown } from './group.ts';
import { type Execution, infoOf, type Place } from './place.ts';
import type { Complete, CompleteLeaf, Planner, SelectionPlan, Slot } from './plan.ts';

const isText = (value: unknown): boolean => typeof value === 'string';
/** Values that these scalars' `serialize` answers as they are. */
const asIs = new Map<unknown, (value: unknown) => boolean>([
  [GraphQLString, isText],
  [GraphQLID, isText],
  [GraphQLBoolean, (value) => typeof value === 'boolean'],
  [GraphQLInt, (value) => typeof value === 'number' && (value | 0) === value],
  [GraphQLFloat, (value) => Number.isFinite(value)],
]);

export function completeLeaf(type: GraphQLLeafType): CompleteLeaf {
  const isAsIs = asIs.get(type);
  const serialize: CompleteLeaf = (value) => {
    if (value instanceof Error) throw value;
    const serialized: unknown = type.serialize(value);
    if (serialized == null) {
      throw new Error(
        `Expected \`${inspect(type)}.serialize(${inspect(value)})\` to return non-nullable value, returned: ${inspect(serialized)}`,
      );
    }
    return serialized;
  };
  return isAsIs ? (value) => (isAsIs(value) ? value : serialize(value)) : serialize;
}

export function completeList(item: Slot, coordinate: string): Complete {
  return (x, place, value, owner) => {
    if (typeof value !== 'object' || !value || !(Symbol.iterator in value))
      throw new GraphQLError(`Expected Iterable, but did not find one for field "${coordinate}".`);
    return executeItems(x, item, value as Iterable<unknown>, place, owner);
  };
}

export function completeObject(planner: Planner, type: GraphQLObjectType, nodes: readonly FieldNode[]): Complete {
  let plan: SelectionPlan | undefined;
  return (x, place, value, owner) =>
    completeAs(x, (plan ??= planner.selectionOf(type, nodes)), nodes, place, value, owner);
}

export function completeAbstract(
  planner: Planner,
  type: GraphQLAbstractType,
  nodes: readonly FieldNode[],
  coordinate: string,
): Complete {
  const plans = new Map<unknown, SelectionPlan>();
  const resolveType = type.resolveType ?? defaultTypeResolver;
  const planFor = (x: Execution, name: unknown, value: unknown): SelectionPlan => {
    const known = plans.get(name);
    if (known) return known;
    const plan = planner.selectionOf(ensureRuntimeType(x.schema, type, name, { nodes, coordinate, value }), nodes);
    plans.set(name, plan);
    return plan;
  };
  return (x, place, value, owner) => {
    const name: unknown = resolveType(value, x.context, infoOf(x, owner), type);
    return isPromise(name)
      ? whenKnown(x, nodes, place, name, (known) => completeAs(x, planFor(x, known, value), nodes, place, value, owner))
      : completeAs(x, planFor(x, name, value), nodes, place, value, owner);
  };
}

function completeAs(
  x: Execution,
  plan: SelectionPlan,
  nodes: readonly FieldNode[],
  place: Place,
  value: unknown,
  owner: Place,
): unknown {
  const { type } = plan;
  if (!type.isTypeOf) return executeFields(x, plan, value, place);
  const check = (isOfType: unknown): unknown => {
    if (isOfType) return executeFields(x, plan, value, place);
    throw new GraphQLError(`Expected value of type "${type.name}" but got: ${inspect(value)}.`, { nodes });
  };
  const isOfType: unknown = type.isTypeOf(value, x.context, infoOf(x, owner));
  return isPromise(isOfType) ? whenKnown(x, nodes, place, isOfType, check) : check(isOfType);
}
