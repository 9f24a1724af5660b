import {
  isAbstractType,
  Kind,
  TypeInfo,
  visit,
  visitWithTypeInfo,
  type DocumentNode,
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import type { Graph } from '../graph/graph.ts';
import { entityKeysOf, entityTag, type EntityKeys } from './entity-keys.ts';
import { possibleTypesOf } from './policy.ts';

/** A document that asks beside the client's fields for what names each object: its answers tell what they are about. */
export interface MarkedDocument {
  readonly document: DocumentNode;
  /** Adds the tags of all objects in data that subgraphs have answered to this document. */
  readonly collectTags: (data: unknown, tags: Set<string>) => void;
}

const nameNode = (value: string) => ({ kind: Kind.NAME, value }) as const;
const field = (name: string, alias: string): FieldNode => ({
  kind: Kind.FIELD,
  name: nameNode(name),
  alias: nameNode(alias),
});

/** Marks a validated document. Null where it selects from an interface or union of too many types. */
export function markDocument(graph: Graph, document: DocumentNode): MarkedDocument | null {
  const { schema } = graph;
  const keys = entityKeysOf(graph);
  const prefix = freePrefix(document, graph.requiredNames);
  const info = new TypeInfo(schema);
  let isTooWide = false;
  const visitor = visitWithTypeInfo(info, {
    SelectionSet: {
      leave: (set) => {
        const type = info.getParentType();
        if (!type || isRoot(schema, type)) return undefined;
        const marks = marksOf(schema, keys, prefix, type);
        if (!marks) isTooWide = true;
        return { ...set, selections: [...set.selections, ...(marks ?? []), ...partMarks(set, prefix)] };
      },
    },
  });
  const marked = visit(document, visitor);
  return isTooWide ? null : { document: marked, collectTags: createCollector(schema, keys, prefix) };
}

const isRoot = (schema: GraphQLSchema, type: GraphQLCompositeType): boolean =>
  [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].some((root) => root === type);

/** No response name of the client's begins with it, nor the name of a field that the planner selects by itself. */
function freePrefix(document: DocumentNode, required: ReadonlySet<string>): string {
  const names = [...required];
  visit(document, { Field: ({ alias, name }) => void names.push((alias ?? name).value) });
  let prefix = 'mark_';
  while (names.some((name) => name.startsWith(prefix))) prefix += '_';
  return prefix;
}

const aliasOf = (prefix: string, type: string, key: string): string => `${prefix}${type}_${key}`;

/** Tells which objects an object was asked for, by their fields' own names whatever the client calls them. */
function partMarks({ selections }: SelectionSetNode, prefix: string): readonly FieldNode[] {
  const names = selections.flatMap((one) => (one.kind === Kind.FIELD && one.selectionSet ? [one.name.value] : []));
  return [...new Set(names)].map((name) => field('__typename', `${prefix}${PART}${name}`));
}

/** No type is called so: a mark of a part is no key's. */
const PART = '0_';

function marksOf(
  schema: GraphQLSchema,
  keys: EntityKeys,
  prefix: string,
  type: GraphQLCompositeType,
): readonly SelectionNode[] | null {
  const possible = possibleTypesOf(schema, type);
  if (!possible) return null;
  const keyFields = (name: string): FieldNode[] =>
    (keys.get(name) ?? []).map((key) => field(key, aliasOf(prefix, name, key)));
  const marks: SelectionNode[] = [field('__typename', prefix), ...keyFields(type.name)];
  if (!isAbstractType(type)) return marks;
  for (const name of possible) {
    const selections = name === type.name ? [] : keyFields(name);
    if (selections.length === 0) continue;
    const typeCondition = { kind: Kind.NAMED_TYPE, name: nameNode(name) } as const;
    marks.push({
      kind: Kind.INLINE_FRAGMENT,
      typeCondition,
      selectionSet: { kind: Kind.SELECTION_SET, selections },
    });
  }
  return marks;
}

/** Under which names an object of a type may be known: its own, and those of interfaces that are entities. */
function createCollector(schema: GraphQLSchema, keys: EntityKeys, prefix: string): MarkedDocument['collectTags'] {
  const known = new Map<string, readonly (readonly [type: string, aliases: readonly string[]])[]>();
  const namesOf = (typename: string) => {
    let names = known.get(typename);
    if (names) return names;
    const type = schema.getType(typename);
    const interfaces = type && 'getInterfaces' in type ? type.getInterfaces().map(({ name }) => name) : [];
    names = [typename, ...interfaces].flatMap((name) => {
      const aliases = keys.get(name)?.map((key) => aliasOf(prefix, name, key));
      return aliases ? [[name, aliases] as const] : [];
    });
    // A subgraph may make up any number of names; only types are remembered.
    if (type) known.set(typename, names);
    return names;
  };
  const part = `${prefix}${PART}`;
  const addTags = (tags: Set<string>, data: Record<string, unknown>, own: readonly string[]): void => {
    for (const tag of own) {
      tags.add(tag);
      for (const name in data) if (name.startsWith(part)) tags.add(`${tag}.${name.slice(part.length)}`);
    }
  };
  const collect = (value: unknown, tags: Set<string>): void => {
    if (typeof value !== 'object' || value === null) return;
    if (Array.isArray(value)) {
      for (const one of value) collect(one, tags);
      return;
    }
    const data = value as Record<string, unknown>;
    const typename = data[prefix];
    if (typeof typename === 'string') {
      tags.add(typename);
      for (const [name, aliases] of namesOf(typename)) {
        const tag = entityTag(name, aliases.map((alias) => data[alias])); // prettier-ignore
        if (tag) addTags(tags, data, [tag, `${typename}${tag.slice(name.length)}`]);
      }
    }
    for (const name in data) collect(data[name], tags);
  };
  return collect;
}
