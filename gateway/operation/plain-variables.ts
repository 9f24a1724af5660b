import {
  GraphQLBoolean,
  GraphQLFloat,
  GraphQLID,
  GraphQLInt,
  GraphQLString,
  Kind,
  type GraphQLNamedType,
  type GraphQLSchema,
  type VariableDefinitionNode,
} from 'graphql';

type Values = Record<string, unknown>;

const LARGEST_INT = 2 ** 31 - 1;
const isText = (value: unknown): boolean => typeof value === 'string';

/** What input coercion leaves as it is, of the specification's own scalars (3.5). */
const checks: ReadonlyMap<GraphQLNamedType, (value: unknown) => boolean> = new Map<
  GraphQLNamedType,
  (value: unknown) => boolean
>([
  [GraphQLID, isText],
  [GraphQLString, isText],
  [GraphQLBoolean, (value) => typeof value === 'boolean'],
  [GraphQLFloat, Number.isFinite],
  [GraphQLInt, (value) => Number.isInteger(value) && -1 - LARGEST_INT <= Number(value) && Number(value) <= LARGEST_INT],
]);

interface Plain {
  readonly name: string;
  readonly isRequired: boolean;
  readonly isGood: (value: unknown) => boolean;
}

/**
 * A short way for variables that need no coercion, as most do: those of the specification's own scalars that are sent in
 * the scalar's own form. What it gives is null where a value is anything else, and graphql is to coerce or refuse it;
 * there is no short way at all (null) where a variable has another type, or a default value.
 */
export function compileAsTheyAre(
  schema: GraphQLSchema,
  definitions: readonly VariableDefinitionNode[],
): ((sent: Readonly<Values>) => Values | null) | null {
  const all: Plain[] = [];
  for (const definition of definitions) {
    const plain = plainOf(schema, definition);
    if (!plain) return null;
    all.push(plain);
  }
  return (sent) => {
    const values: Values = {};
    for (const { name, isRequired, isGood } of all) {
      const value = sent[name];
      if (value === undefined || value === null ? isRequired : !isGood(value)) return null;
      if (value !== undefined) values[name] = value;
    }
    return values;
  };
}

function plainOf(schema: GraphQLSchema, { variable, type, defaultValue }: VariableDefinitionNode): Plain | null {
  const isRequired = type.kind === Kind.NON_NULL_TYPE;
  const named = isRequired ? type.type : type;
  const name = variable.name.value;
  // What every object has would be found without having been sent.
  if (named.kind !== Kind.NAMED_TYPE || defaultValue || name in Object.prototype) return null;
  const found = schema.getType(named.name.value);
  const isGood = found && checks.get(found);
  return isGood ? { name, isRequired, isGood } : null;
}
