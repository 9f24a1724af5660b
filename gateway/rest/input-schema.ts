import {
  astFromValue,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isRequiredInputField,
  valueFromASTUntyped,
  type GraphQLInputField,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLNamedType,
} from 'graphql';
import type { JsonSchema } from './rest.ts';

/** The schemas of a document that stand under a name of their own. */
export interface SchemaNames {
  readonly scalars: Readonly<Record<string, JsonSchema>>;
  /** Filled while schemas are made: `#/components/schemas/<name>`. */
  readonly components: Map<string, JsonSchema>;
}

const BUILT_IN: Readonly<Record<string, JsonSchema>> = {
  ID: { type: 'string' },
  String: { type: 'string' },
  Int: { type: 'integer', minimum: -(2 ** 31), maximum: 2 ** 31 - 1 },
  Float: { type: 'number' },
  Boolean: { type: 'boolean' },
};

/** The schema of a leaf, not null. */
export function leafSchema(type: GraphQLNamedType, { scalars }: SchemaNames): JsonSchema {
  const described = type.description ? { description: type.description } : {};
  if (isEnumType(type)) return { type: 'string', enum: type.getValues().map(({ name }) => name), ...described };
  return BUILT_IN[type.name] ?? { ...described, ...scalars[type.name] };
}

/** The same schema, or null. */
export function nullable(schema: JsonSchema): JsonSchema {
  const { type, enum: values } = schema as { readonly type?: unknown; readonly enum?: readonly unknown[] };
  if (typeof type === 'string')
    return { ...schema, type: [type, 'null'], ...(values ? { enum: [...values, null] } : {}) };
  return Object.keys(schema).every((key) => key === 'description') ? schema : { anyOf: [schema, { type: 'null' }] };
}

export const referenceTo = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` });

/** What a client may send for an input type. */
export function inputSchema(type: GraphQLInputType, names: SchemaNames): JsonSchema {
  if (!isNonNullType(type)) return nullable(valueSchema(type, names));
  return valueSchema(getNullableType(type), names);
}

function valueSchema(type: GraphQLInputType, names: SchemaNames): JsonSchema {
  if (isListType(type)) return { type: 'array', items: inputSchema(type.ofType, names) };
  if (isInputObjectType(type)) return objectSchema(type, names);
  return leafSchema(type as GraphQLNamedType, names);
}

/** An input object, once under its name however often it is used: it may hold itself. */
function objectSchema(type: GraphQLInputObjectType, names: SchemaNames): JsonSchema {
  const reference = referenceTo(type.name);
  if (names.components.has(type.name)) return reference;
  names.components.set(type.name, {});
  const fields = Object.values(type.getFields());
  const required = fields.filter(isRequiredInputField).map(({ name }) => name);
  names.components.set(type.name, {
    type: 'object',
    ...(type.description ? { description: type.description } : {}),
    properties: Object.fromEntries(fields.map((field) => [field.name, fieldSchema(field, names)])),
    ...(required.length > 0 ? { required } : {}),
    additionalProperties: false,
    ...(type.isOneOf ? { minProperties: 1, maxProperties: 1 } : {}),
  });
  return reference;
}

function fieldSchema(
  { type, description, defaultValue, deprecationReason }: GraphQLInputField,
  names: SchemaNames,
): JsonSchema {
  const literal = defaultValue === undefined ? null : astFromValue(defaultValue, type);
  return {
    ...inputSchema(type, names),
    ...(description ? { description } : {}),
    ...(literal ? { default: valueFromASTUntyped(literal) } : {}),
    ...(deprecationReason ? { deprecated: true } : {}),
  };
}
