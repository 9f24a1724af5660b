import type { FetchNode } from '@apollo/query-planner';
import {
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  OperationTypeNode,
  parse,
  type DocumentNode,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { fragmentsOf } from '../execution/collect.ts';
import type { Graph } from '../graph/graph.ts';
import { isPublicOperation } from '../operation/public-fields.ts';
import type { CacheHints } from './declarations.ts';
import { entityKeysOf } from './entity-keys.ts';
import { hasPrivateFields } from './private-fields.ts';

/** How long what a fetch answers about one entity may be kept, and for whom. */
export interface EntityPolicy {
  readonly maxAgeSeconds: number;
  readonly scope: 'PUBLIC' | 'PRIVATE';
}

interface Walk {
  readonly graph: Graph;
  readonly hints: CacheHints;
  readonly fragments: ReturnType<typeof fragmentsOf>;
  /** Types of the entities that are looked up. */
  readonly entities: Set<string>;
}

/**
 * Looks at the text of a lookup of entities. Its fields are kept as those of an operation are, beginning with what is said of
 * the entity's type. Objects inside it may only be parts of it, or name other entities by their keys: of a change of theirs
 * no tag would tell. Shared only where everybody sees the objects, and each field is public.
 */
export function entityPolicyOf(graph: Graph, node: FetchNode, hints: CacheHints): EntityPolicy | null {
  if (hints.isEmpty) return null;
  const document = parse(node.operation, { noLocation: true });
  const lookup = lookupIn(document);
  if (!lookup) return null;
  const walk: Walk = { graph, hints, fragments: fragmentsOf(document), entities: new Set() };
  const maxAgeSeconds = ageOf(walk, lookup, null, null);
  if (maxAgeSeconds <= 0 || maxAgeSeconds === Infinity) return null;
  const operation: OperationDefinitionNode = {
    kind: Kind.OPERATION_DEFINITION,
    operation: OperationTypeNode.QUERY,
    selectionSet: lookup,
  };
  const checked = { document: { ...document, definitions: [operation, ...walk.fragments.values()] }, node: operation };
  const isPublic =
    [...walk.entities].every((type) => hints.isVisible(type)) &&
    isPublicOperation(graph, checked, hints.declaration) &&
    !hasPrivateFields(graph, checked, hints);
  return { maxAgeSeconds, scope: isPublic ? 'PUBLIC' : 'PRIVATE' };
}

function lookupIn(document: DocumentNode): SelectionSetNode | null {
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION || definition.operation !== OperationTypeNode.QUERY) continue;
    const [field] = definition.selectionSet.selections;
    if (field?.kind === Kind.FIELD && field.name.value === '_entities') return field.selectionSet ?? null;
  }
  return null;
}

/** The shortest time of a selection's fields; 0 where it may not be kept. `inherited` is the time of what it is part of; null at the top. */
function ageOf(walk: Walk, set: SelectionSetNode, parent: string | null, inherited: number | null): number {
  let age = Infinity;
  for (const selection of set.selections) {
    if (age <= 0) return 0;
    if (selection.kind === Kind.FIELD) {
      if (selection.name.value === '__typename') continue;
      age = Math.min(
        age,
        parent === null ? 0 : ageOfField(walk, parent, selection.name.value, selection.selectionSet, inherited),
      );
      continue;
    }
    const inner = selection.kind === Kind.FRAGMENT_SPREAD ? walk.fragments.get(selection.name.value) : selection;
    if (!inner) return 0;
    const type = inner.typeCondition?.name.value ?? parent;
    if (parent === null && type !== null) walk.entities.add(type);
    const base = parent === null && type !== null ? (walk.hints.of(type).maxAge ?? null) : inherited;
    age = Math.min(age, ageOf(walk, inner.selectionSet, type, base));
  }
  return age;
}

function ageOfField(
  walk: Walk,
  parent: string,
  name: string,
  set: SelectionSetNode | undefined,
  inherited: number | null,
): number {
  const { graph, hints } = walk;
  const type = graph.supergraphSchema.getType(parent);
  const field = isObjectType(type) || isInterfaceType(type) ? type.getFields()[name] : undefined;
  if (!field) return 0;
  const keys = entityKeysOf(graph);
  if (keys.get(parent)?.includes(name)) return Infinity;
  const hint = hints.of(`${parent}.${name}`);
  const returned = getNamedType(field.type);
  if (!isCompositeType(returned) || !set) return hint.maxAge ?? inherited ?? 0;
  const ofType = hints.of(returned.name);
  const own = hint.maxAge ?? ofType.maxAge ?? (hint.inheritMaxAge || ofType.inheritMaxAge ? inherited : null) ?? 0;
  if (own <= 0) return 0;
  const isReference = keys.has(returned.name) || !isObjectType(returned);
  return isReference
    ? isKeyOnly(set, keys.get(returned.name) ?? [])
      ? own
      : 0
    : Math.min(own, ageOf(walk, set, returned.name, own));
}

/** Which entity it is, and nothing about it. */
const isKeyOnly = (set: SelectionSetNode, key: readonly string[]): boolean =>
  set.selections.every(
    (selection) =>
      selection.kind === Kind.FIELD && (selection.name.value === '__typename' || key.includes(selection.name.value)),
  );
