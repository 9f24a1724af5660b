import { valueFromASTUntyped, type FieldNode, type GraphQLField } from 'graphql';
import { refusal } from '../errors.ts';
import type { Frame, Expression } from './cost.expression.ts';
import type { ListSize } from './cost.model.ts';
import { given, sizeOf, valueAt, type Given, type VariableDefaults } from './cost.values.ts';

export interface SlicingOptions {
  /** Entries where a page argument is absent, or no sensible number. */
  readonly pageSize: number;
  /** Entries where there is no page argument either. */
  readonly listSize: number;
  readonly defaults: VariableDefaults;
  /** `Query.books`, for the refusal. */
  readonly coordinate: string;
}

/**
 * How many entries a field is asked for by its slicing arguments: the largest that is given, else the largest of their
 * defaults in the schema, else the assumed size, else a page or, without page arguments, a list. Throws (at once, or once the variables are known)
 * COST_INVALID_SLICING_ARGUMENTS where exactly one must be given and is not.
 */
export function slicedSize(
  field: FieldNode,
  definition: GraphQLField<unknown, unknown>,
  listSize: ListSize,
  options: SlicingOptions,
): Expression {
  const arguments_ = listSize.slicingArguments.map((path) => slicingArgument(field, definition, path, options));
  const fallback = Math.max(-1, ...arguments_.flatMap(({ byDefault }) => byDefault ?? []));
  const unknown = arguments_.length > 0 ? options.pageSize : options.listSize;
  const otherwise = fallback >= 0 ? fallback : (listSize.assumedSize ?? unknown);
  const isOneNeeded = listSize.requireOneSlicingArgument && arguments_.length > 0;
  const sizeFor = (sizes: readonly (number | null)[]): number => {
    const asked = sizes.filter((size) => size !== null);
    const isOne = asked.length === 1 || (asked.length === 0 && fallback >= 0);
    if (isOneNeeded && !isOne) throw notOne(asked.length, listSize, options.coordinate);
    if (asked.length === 0) return otherwise;
    return Math.max(...asked.map((size) => (Number.isNaN(size) ? Math.max(otherwise, unknown) : size)));
  };
  const values = arguments_.map(({ value }) => value);
  if (values.every((value) => 'value' in value)) return sizeFor(values.map(({ value }) => sizeOf(value)));
  return (frame: Frame) => sizeFor(values.map((value) => sizeOf('read' in value ? value.read(frame) : value.value)));
}

interface SlicingArgument {
  readonly value: Given;
  readonly byDefault: number | null;
}

function slicingArgument(
  field: FieldNode,
  definition: GraphQLField<unknown, unknown>,
  [name = '', ...path]: readonly string[],
  { defaults }: SlicingOptions,
): SlicingArgument {
  const node = field.arguments?.find((argument) => argument.name.value === name)?.value;
  const argument = definition.args.find((one) => one.name === name);
  const byDefault = sizeOf(valueAt(defaultOf(argument), path));
  return { value: given(node, path, defaults), byDefault: Number.isNaN(byDefault) ? null : byDefault };
}

const defaultOf = (argument: GraphQLField<unknown, unknown>['args'][number] | undefined): unknown =>
  argument?.astNode?.defaultValue ? valueFromASTUntyped(argument.astNode.defaultValue) : argument?.defaultValue;

const notOne = (found: number, { slicingArguments }: ListSize, coordinate: string): Error => {
  const names = slicingArguments.map((path) => path.join('.')).join(', ');
  const message = `${coordinate} must be given exactly one of ${names}; it has ${found}.`;
  return refusal('COST_INVALID_SLICING_ARGUMENTS', message, { status: 400, coordinate, found });
};
