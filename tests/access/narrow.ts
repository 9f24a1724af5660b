import {
  type DocumentNode,
  getNamedType,
  type GraphQLSchema,
  isLeafType,
  isObjectType,
  Kind,
  parse,
  print,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { areMet } from '../../tools/schema/scopes.ts';
import { operationWith, rootType } from './selection.ts';
import { isRoot, matrix, typesAlong } from './ways.ts';

type Held = ReadonlySet<string> | null;

/** By the declarations: whether a key is good for an entry. A root field that names no scope is for sessions. */
function isGood(entry: string, held: ReadonlySet<string>): boolean {
  const { scopes = [] } = matrix[entry] ?? {};
  return (scopes.length > 0 || !matrix[entry] || !isRoot(entry)) && areMet(scopes, held);
}

/** Whether what somebody holds leads the whole way. */
export const isReached = (along: readonly string[], held: Held): boolean =>
  held === null || along.every((entry) => isGood(entry, held));

const known = new Map<string, string | null>();

/** The operation without what the key is not good for, and without what is empty then; null where nothing is left. */
export function within(schema: GraphQLSchema, query: string, held: Held): string | null {
  if (held === null) return query;
  const key = `${query}\n${[...held].join()}`;
  const kept = known.get(key);
  if (kept !== undefined) return kept;
  const narrowed = narrow(schema, query, held);
  known.set(key, narrowed);
  return narrowed;
}

function narrow(schema: GraphQLSchema, query: string, held: ReadonlySet<string>): string | null {
  const info = new TypeInfo(schema);
  const document = visit<DocumentNode>(
    parse(query),
    visitWithTypeInfo(info, {
      Field: {
        enter: ({ name }) => (isGood(`${info.getParentType()?.name ?? ''}.${name.value}`, held) ? undefined : null),
        leave: ({ selectionSet }) => (selectionSet?.selections.length === 0 ? null : undefined),
      },
      InlineFragment: { leave: ({ selectionSet }) => (selectionSet.selections.length === 0 ? null : undefined) },
    }),
  );
  const [operation] = document.definitions;
  const isEmpty = operation?.kind !== Kind.OPERATION_DEFINITION || operation.selectionSet.selections.length === 0;
  return isEmpty ? null : print(document);
}

/** One field alone, below the type that a path begins on: `{ post { title } }`; null where the schema has no such way. */
function selectionAlong(schema: GraphQLSchema, type: string, path: readonly string[]): string | null {
  const types = typesAlong(schema, [type, ...path].join('.'));
  const last = schema.getType(types?.at(-2) ?? '');
  const field = isObjectType(last) ? last.getFields()[path.at(-1) ?? ''] : undefined;
  if (!field) return null;
  const end = isLeafType(getNamedType(field.type)) ? '' : '{ __typename }';
  return path.reduceRight((inner, name) => `{ ${name} ${inner} }`, end);
}

/** Asks for one field alone, by the way from a root field. */
export function aloneByRoot(schema: GraphQLSchema, root: string, [field = '', ...below]: readonly string[]) {
  const type = rootType(schema, root)?.getFields()[field]?.type;
  const selection = type ? selectionAlong(schema, getNamedType(type).name, below) : null;
  return selection === null ? null : operationWith(schema, root, field, selection);
}

/** The same, of an object that a subgraph answers for. */
export function aloneByEntity(schema: GraphQLSchema, type: string, below: readonly string[]): string | null {
  const selection = selectionAlong(schema, type, below);
  return selection === null ? null : entitiesWith(type, selection);
}

export const entitiesWith = (type: string, selection: string): string =>
  `query Entity($representations: [_Any!]!) { _entities(representations: $representations) { ... on ${type} ${selection} } }`;
