import {
  getNamedType,
  type GraphQLNamedType,
  type DocumentNode,
  type GraphQLSchema,
  isAbstractType,
  isLeafType,
  isObjectType,
  Kind,
} from 'graphql';

/** How many objects of their own right (posts, people) stand inside each other in one question. */
const DEEP = 1;

/** Objects with an id of their own; all else is a part of one. */
export const isEntity = (type: GraphQLNamedType): boolean =>
  isObjectType(type) && type.getInterfaces().some(({ name }) => name === 'Node');

interface Scope {
  /** How many objects of their own right may still stand inside. */
  readonly deep: number;
  /** Types of the parts around, so that none is written out inside itself. */
  readonly parents: readonly string[];
  /** Goes before the names of fields: those of a union's types are told apart, since `html` may be null in one only. */
  readonly prefix: string;
}

/**
 * All fields of a type: parts are written out, objects within it too, and of the objects within those nothing.
 * Arguments keep their defaults.
 */
export function selectionOf(schema: GraphQLSchema, type: GraphQLNamedType, scope: Partial<Scope> = {}): string {
  const { deep = DEEP, parents = [], prefix = '' } = scope;
  if (isAbstractType(type)) {
    const parts = schema
      .getPossibleTypes(type)
      .map((one) => `... on ${one.name} ${selectionOf(schema, one, { deep: 0, parents, prefix: `${one.name}_` })}`);
    return `{ __typename ${parts.join(' ')} }`;
  }
  if (!isObjectType(type)) return '';
  const fields = Object.values(type.getFields()).flatMap((field) => {
    const named = getNamedType(field.type);
    const key = prefix === '' ? field.name : `${prefix}${field.name}: ${field.name}`;
    if (isLeafType(named)) return [key];
    const isOwn = isEntity(named) || isAbstractType(named);
    if (parents.includes(named.name) || (isOwn && deep === 0)) return [];
    const within = isOwn ? { deep: deep - 1, parents } : { deep, parents: [...parents, named.name] };
    const inner = selectionOf(schema, named, within);
    return isEmpty(inner) ? [] : [`${key} ${inner}`];
  });
  return `{ ${fields.join(' ')} }`;
}

const isEmpty = (selection: string): boolean => /^\{[\s{}]*\}$/.test(selection);

/** An operation that asks one root field for everything, with its arguments as variables. */
export function operationOf(schema: GraphQLSchema, root: string, field: string): string | null {
  const definition = rootType(schema, root)?.getFields()[field];
  if (!definition) return null;
  const named = getNamedType(definition.type);
  return operationWith(schema, root, field, isLeafType(named) ? '' : selectionOf(schema, named));
}

/** The same for a part of it. */
export function operationWith(schema: GraphQLSchema, root: string, field: string, selection: string): string {
  const args = rootType(schema, root)?.getFields()[field]?.args ?? [];
  const declared = args.map(({ name, type }) => `$${name}: ${String(type)}`).join(', ');
  const passed = args.map(({ name }) => `${name}: $${name}`).join(', ');
  return `${root.toLowerCase()} Ask${declared ? `(${declared})` : ''} { ${field}${passed ? `(${passed})` : ''} ${selection} }`;
}

export function rootType(schema: GraphQLSchema, root: string) {
  const type = schema.getType(root);
  return isObjectType(type) ? type : null;
}

/** Types that a subgraph answers for through `_entities`, with each of their keys. */
export function entitiesIn(document: DocumentNode): [type: string, key: string][] {
  return document.definitions.flatMap((definition) => {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION && definition.kind !== Kind.OBJECT_TYPE_EXTENSION) return [];
    const keys = (definition.directives ?? []).filter(({ name }) => name.value === 'key');
    return keys.flatMap(({ arguments: args = [] }): [string, string][] => {
      const values = Object.fromEntries(
        args.map(({ name, value }) => [name.value, 'value' in value ? value.value : null]),
      );
      return values['resolvable'] === false ? [] : [[definition.name.value, String(values['fields'])]];
    });
  });
}
