import {
  getNamedType,
  getNullableType,
  isAbstractType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type FieldNode,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type SelectionSetNode,
} from 'graphql';
import { leafSchema, nullable, type SchemaNames } from './input-schema.ts';
import type { CompiledOperation, JsonSchema } from './rest.ts';

type Selecting = Pick<CompiledOperation, 'fragments' | 'schema'> & { readonly names: SchemaNames };

/** The schema of what a table's operation answers: exactly what its document selects. Null where it answers no body. */
export function answerSchema(
  { declared, node, fragments, schema }: CompiledOperation,
  names: SchemaNames,
): JsonSchema | null {
  const root = schema.getRootType(node.operation);
  const [field] = node.selectionSet.selections as readonly FieldNode[];
  const type = root && field && root.getFields()[field.name.value]?.type;
  if (!type || !field?.selectionSet) return null;
  const selecting = { fragments, schema, names };
  // What is null is answered with 404.
  const whole = presentSchema(getNullableType(type), [field.selectionSet], selecting);
  if (declared.part === undefined) return withoutProperty(whole, 'userErrors');
  const { properties } = whole as { readonly properties?: Readonly<Record<string, JsonSchema>> };
  const part = properties?.[declared.part];
  return part ? present(part) : null;
}

/** A part that is null is answered with 404, so what is answered is not. */
function present(schema: JsonSchema): JsonSchema {
  const { anyOf } = schema as { readonly anyOf?: readonly JsonSchema[] };
  return anyOf?.length === 2 && anyOf[0] ? anyOf[0] : schema;
}

function withoutProperty(schema: JsonSchema, name: string): JsonSchema {
  const { properties, required } = schema as { properties?: Record<string, JsonSchema>; required?: readonly string[] };
  if (!properties || !(name in properties)) return schema;
  const { [name]: _, ...rest } = properties;
  return { ...schema, properties: rest, required: (required ?? []).filter((one) => one !== name) };
}

function outputSchema(type: GraphQLOutputType, sets: readonly SelectionSetNode[], selecting: Selecting): JsonSchema {
  if (!isNonNullType(type)) return nullable(presentSchema(type, sets, selecting));
  return presentSchema(getNullableType(type), sets, selecting);
}

function presentSchema(type: GraphQLOutputType, sets: readonly SelectionSetNode[], selecting: Selecting): JsonSchema {
  if (isListType(type)) return { type: 'array', items: outputSchema(type.ofType, sets, selecting) };
  const named = getNamedType(type);
  return sets.length === 0 ? leafSchema(named, selecting.names) : objectsSchema(named, sets, selecting);
}

/** Of an interface or union, what each of its types would be. */
function objectsSchema(
  type: ReturnType<typeof getNamedType>,
  sets: readonly SelectionSetNode[],
  selecting: Selecting,
): JsonSchema {
  if (isObjectType(type)) return objectSchema(type, sets, selecting);
  if (!isAbstractType(type)) return {};
  const possible = selecting.schema.getPossibleTypes(type).map((one) => objectSchema(one, sets, selecting));
  const different = new Map(possible.map((one) => [JSON.stringify({ ...one, description: '' }), one]));
  const [only] = different.values();
  return different.size === 1 && only ? only : { anyOf: [...different.values()] };
}

function objectSchema(type: GraphQLObjectType, sets: readonly SelectionSetNode[], selecting: Selecting): JsonSchema {
  const fields = new Map<string, FieldNode[]>();
  for (const set of sets) collect(type, set, fields, selecting);
  const properties: Record<string, JsonSchema> = {};
  for (const [key, nodes] of fields) properties[key] = fieldSchema(type, nodes, selecting);
  return {
    type: 'object',
    ...(type.description ? { description: type.description } : {}),
    properties,
    required: [...fields.keys()],
  };
}

function fieldSchema(type: GraphQLObjectType, nodes: readonly FieldNode[], selecting: Selecting): JsonSchema {
  const name = nodes[0]?.name.value ?? '';
  if (name === '__typename') return { type: 'string', const: type.name };
  const field = type.getFields()[name];
  if (!field) return {};
  const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
  const described = field.description ? { description: field.description } : {};
  return { ...outputSchema(field.type, sets, selecting), ...described };
}

function collect(
  type: GraphQLObjectType,
  { selections }: SelectionSetNode,
  fields: Map<string, FieldNode[]>,
  selecting: Selecting,
): void {
  for (const selection of selections) {
    if (selection.kind === Kind.FIELD) {
      const key = (selection.alias ?? selection.name).value;
      fields.set(key, [...(fields.get(key) ?? []), selection]);
      continue;
    }
    const fragment =
      selection.kind === Kind.FRAGMENT_SPREAD ? selecting.fragments.get(selection.name.value) : selection;
    if (fragment && isFor(type, fragment.typeCondition?.name.value, selecting)) {
      collect(type, fragment.selectionSet, fields, selecting);
    }
  }
}

function isFor(type: GraphQLObjectType, condition: string | undefined, { schema }: Selecting): boolean {
  if (condition === undefined || condition === type.name) return true;
  const wanted = schema.getType(condition);
  return isAbstractType(wanted) && schema.isSubType(wanted, type);
}
