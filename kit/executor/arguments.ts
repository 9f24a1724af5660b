import {
  type FieldNode,
  getArgumentValues,
  getNamedType,
  type GraphQLArgument,
  type GraphQLField,
  isEnumType,
  isNonNullType,
  isSpecifiedScalarType,
  Kind,
  type ValueNode,
  valueFromAST,
  type VariableNode,
  visit,
} from 'graphql';

type Values = Record<string, unknown>;
/** Arguments for one call, in an object of that call's own. */
export type ReadArguments = (variables: Values) => Values;

/** One argument: a value that never changes, or a variable with what stands in for it. */
interface Step {
  readonly name: string;
  readonly variable: string | null;
  readonly value: unknown;
  readonly isRequired: boolean;
}

/**
 * Reads a field's arguments as graphql-js's `getArgumentValues` does, which is asked itself about all that is not plain:
 * values that a resolver could change for the next request, and everything that is an error.
 */
export function argumentsReader(field: GraphQLField<unknown, unknown>, node: FieldNode): ReadArguments {
  if (field.args.length === 0) return () => ({});
  const slow: ReadArguments = (variables) => getArgumentValues(field, node, variables);
  const steps: Step[] = [];
  for (const argument of field.args) {
    const value = node.arguments?.find((one) => one.name.value === argument.name)?.value;
    const step = stepOf(argument, value);
    if (step === 'slow') return slow;
    if (step) steps.push(step);
  }
  return (variables) => {
    const values: Values = {};
    for (const { name, variable, value, isRequired } of steps) {
      const given = variable !== null && Object.hasOwn(variables, variable) ? variables[variable] : value;
      if (given == null && isRequired) return slow(variables);
      if (given !== undefined) values[name] = given;
    }
    return values;
  };
}

function stepOf(argument: GraphQLArgument, node: ValueNode | undefined): Step | 'slow' | null {
  const { name, type, defaultValue } = argument;
  const isRequired = isNonNullType(type);
  if (!node) {
    if (defaultValue === undefined) return isRequired ? 'slow' : null;
    return { name, variable: null, value: defaultValue, isRequired: false };
  }
  if (node.kind === Kind.VARIABLE) return { name, variable: node.name.value, value: defaultValue, isRequired };
  const value = hasVariable(node) ? undefined : constantOf(argument, node);
  return value === undefined ? 'slow' : { name, variable: null, value, isRequired };
}

/** Undefined where the value is an object, which must be new for each call, or comes of code that is not graphql-js's. */
function constantOf({ type }: GraphQLArgument, node: ValueNode): unknown {
  const named = getNamedType(type);
  if (!isSpecifiedScalarType(named) && !isEnumType(named)) return undefined;
  const value: unknown = valueFromAST(node, type);
  return typeof value === 'object' && value !== null ? undefined : value;
}

function hasVariable(node: ValueNode): boolean {
  let isFound = false;
  visit(node, { Variable: (_: VariableNode) => void (isFound = true) });
  return isFound;
}
