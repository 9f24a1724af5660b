import {
  getNamedType,
  isInputObjectType,
  Kind,
  type FieldNode,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLNamedInputType,
  type ValueNode,
} from 'graphql';
import { MAX_COST, sum, type Expression } from './cost.expression.ts';
import type { CostModel } from './cost.model.ts';
import { variableOf, type VariableDefaults } from './cost.values.ts';

export interface ArgumentCosts {
  readonly model: CostModel;
  readonly inputObjectWeight: number;
  readonly defaults: VariableDefaults;
}

/** Where a value goes: its type, lists aside, and the weight that is written there or on the type. */
interface Position {
  readonly type: GraphQLNamedInputType;
  readonly weight: number | undefined;
}

/** No value that is meant is nested so deeply; one that is costs everything. */
const DEEPEST_VALUE = 200;

/** The cost of a field's arguments: their weights, and one for each input object, in lists and inside others too. */
export function argumentsCost(
  field: FieldNode,
  definition: GraphQLField<unknown, unknown>,
  written: ReadonlyMap<string, number>,
  costs: ArgumentCosts,
): Expression {
  const parts = (field.arguments ?? []).map(({ name, value }): Expression => {
    const argument = definition.args.find((one) => one.name === name.value);
    if (!argument) return 0;
    const position = positionOf(written.get(argument.name), argument.type, costs);
    return isFree(position) ? 0 : costOfNode(value, position, costs);
  });
  return sum(parts);
}

function positionOf(written: number | undefined, anyType: GraphQLInputType, { model }: ArgumentCosts): Position {
  const type = getNamedType(anyType);
  return { type, weight: written ?? model.weights.get(type.name) };
}

function positionIn(owner: GraphQLNamedInputType, field: GraphQLInputField, costs: ArgumentCosts): Position {
  return positionOf(costs.model.weights.get(`${owner.name}.${field.name}`), field.type, costs);
}

const isFree = ({ type, weight }: Position): boolean => !isInputObjectType(type) && (weight ?? 0) === 0;

function costOfNode(node: ValueNode, position: Position, costs: ArgumentCosts): Expression {
  const { type, weight } = position;
  if (node.kind === Kind.VARIABLE) {
    return (frame) => costOfValue(variableOf(node.name.value, frame, costs.defaults), position, costs, 0);
  }
  if (node.kind === Kind.NULL) return 0;
  if (node.kind === Kind.LIST) return sum([weight ?? 0, ...node.values.map((one) => costOfNode(one, position, costs))]);
  if (node.kind !== Kind.OBJECT || !isInputObjectType(type)) return weight ?? 0;
  const fields = node.fields.map(({ name, value }): Expression => {
    const inner = type.getFields()[name.value];
    return inner ? costOfNode(value, positionIn(type, inner, costs), costs) : 0;
  });
  return sum([weight ?? costs.inputObjectWeight, ...fields]);
}

function costOfValue(value: unknown, position: Position, costs: ArgumentCosts, level: number): number {
  if (value === undefined || value === null) return 0;
  if (level > DEEPEST_VALUE) return MAX_COST;
  const { type, weight } = position;
  if (Array.isArray(value)) {
    return value.reduce<number>((total, one) => total + costOfValue(one, position, costs, level + 1), weight ?? 0);
  }
  if (typeof value !== 'object' || !isInputObjectType(type)) return weight ?? 0;
  const fields = type.getFields();
  let total = weight ?? costs.inputObjectWeight;
  for (const [name, one] of Object.entries(value)) {
    const field = fields[name];
    if (field) total += costOfValue(one, positionIn(type, field, costs), costs, level + 1);
  }
  return total;
}
