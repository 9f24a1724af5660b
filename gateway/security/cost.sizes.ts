import {
  getNamedType,
  isInputObjectType,
  valueFromASTUntyped,
  type FieldNode,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
} from 'graphql';
import { refusal } from '../errors.ts';
import type { Frame, Expression } from './cost.expression.ts';
import type { ListSize } from './cost.model.ts';
import { given, sizeOf, valueAt, type Step, type VariableDefaults } from './cost.values.ts';

export interface SlicingOptions {
  /** Entries where a page argument is absent, or no sensible number. */
  readonly pageSize: number;
  /** Entries where there is no page argument either. */
  readonly listSize: number;
  readonly defaults: VariableDefaults;
  /** `Query.books`, for the refusal. */
  readonly coordinate: string;
}

/** What is said of a field's size, with the slicing arguments as the field has them. */
export interface Sizing {
  readonly listSize: ListSize;
  readonly slices: readonly Slice[];
  readonly isOneNeeded: boolean;
}

interface Slice {
  readonly argument: string;
  readonly path: readonly Step[];
  /** Its size where it is absent, -1 without one. */
  readonly byDefault: number;
}

/** A definition's sizing. The field that is asked may be an interface's with fewer arguments, which then are not needed. */
export function sizingOf(
  listSize: ListSize,
  definition: GraphQLField<unknown, unknown>,
  asked: GraphQLField<unknown, unknown>,
): Sizing {
  const slices = listSize.slicingArguments.map(([name = '', ...path]) => sliceOf(definition, name, path));
  const mayBeGiven = slices.some(({ argument }) => asked.args.some(({ name }) => name === argument));
  return { listSize, slices, isOneNeeded: listSize.requireOneSlicingArgument && mayBeGiven };
}

function sliceOf({ args }: GraphQLField<unknown, unknown>, name: string, names: readonly string[]): Slice {
  const argument = args.find((one) => one.name === name);
  const path = stepsOf(argument?.type, names);
  return { argument: name, path, byDefault: sizeOf(valueAt(defaultOf(argument), path), -1) };
}

function stepsOf(type: GraphQLInputType | undefined, [name, ...names]: readonly string[]): readonly Step[] {
  if (name === undefined) return [];
  const owner = getNamedType(type);
  const field = isInputObjectType(owner) ? owner.getFields()[name] : undefined;
  return [{ name, byDefault: defaultOf(field) }, ...stepsOf(field?.type, names)];
}

/** What an argument is in the schema where it is absent. */
export const defaultOf = (argument: GraphQLArgument | GraphQLInputField | undefined): unknown =>
  argument?.astNode?.defaultValue ? valueFromASTUntyped(argument.astNode.defaultValue) : argument?.defaultValue;

/**
 * How many entries a field is asked for by its slicing arguments: the largest that is given, else the largest of their
 * defaults in the schema, else the assumed size, else a page or, without page arguments, a list; where null is given, for
 * which no default holds, no less than that last one. Throws (at once, or once the variables are known)
 * COST_INVALID_SLICING_ARGUMENTS where exactly one must be given and is not.
 */
export function slicedSize(
  field: FieldNode,
  { listSize, slices, isOneNeeded }: Sizing,
  options: SlicingOptions,
): Expression {
  const fallback = Math.max(-1, ...slices.map(({ byDefault }) => byDefault));
  const unknown = slices.length > 0 ? options.pageSize : options.listSize;
  const otherwise = fallback >= 0 ? fallback : (listSize.assumedSize ?? unknown);
  const senseless = Math.max(otherwise, unknown);
  const sizeFor = (values: readonly unknown[]): number => {
    const asked = values.filter((value) => value !== undefined && value !== null);
    const isOne = asked.length === 1 || (asked.length === 0 && fallback >= 0);
    if (isOneNeeded && !isOne) throw notOne(asked.length, listSize, options.coordinate);
    if (asked.length === 0) return values.includes(null) ? senseless : otherwise;
    return Math.max(...asked.map((value) => sizeOf(value, senseless)));
  };
  const values = slices.map(({ argument, path }) => {
    const node = field.arguments?.find(({ name }) => name.value === argument)?.value;
    return given(node, path, options.defaults);
  });
  if (values.every((value) => 'value' in value)) return sizeFor(values.map(({ value }) => value));
  return (frame: Frame) => sizeFor(values.map((value) => ('read' in value ? value.read(frame) : value.value)));
}

const notOne = (found: number, { slicingArguments }: ListSize, coordinate: string): Error => {
  const names = slicingArguments.map((path) => path.join('.')).join(', ');
  const message = `${coordinate} must be given exactly one of ${names}; it has ${found}.`;
  return refusal('COST_INVALID_SLICING_ARGUMENTS', message, { status: 400, coordinate, found });
};
