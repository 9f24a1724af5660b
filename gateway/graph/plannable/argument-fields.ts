import {
  Kind,
  print,
  type ConstDirectiveNode,
  type FieldNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { argumentOf, text } from '../composed.ts';
import { selectionOf } from '../joins.ts';
import {
  directiveNode,
  enumNode,
  fieldOf,
  graphIn,
  interfacesOf,
  isSaid,
  joined,
  nameNode,
  stringNode,
  TRUE,
  typeNameIn,
  withArgument,
  type Draft,
  type DraftComposite,
  type DraftField,
} from './draft.ts';

/** A field with arguments that something requires, which the planner knows as a field of its own. */
export interface ArgumentField {
  readonly field: string;
  /** As they are written. */
  readonly arguments: readonly string[];
}

/**
 * Makes each field that is required with arguments a field of its own: to the planner, a field with other arguments, or with
 * none, is the same one. The fields by the names they get.
 */
export function nameArgumentFields(draft: Draft): ReadonlyMap<string, ArgumentField> {
  const naming: Naming = { draft, fields: new Map(), names: new Map(), prefix: freePrefix(draft) };
  // A field that is made may itself require others with arguments.
  for (let known = -1; known < naming.fields.size;) {
    known = naming.fields.size;
    for (const type of draft.composites.values()) {
      for (const field of type.fields ?? []) {
        field.directives = field.directives?.map((directive) => renameIn(naming, type.name.value, directive));
      }
    }
  }
  return naming.fields;
}

function renameIn(naming: Naming, typeName: string, directive: ConstDirectiveNode): ConstDirectiveNode {
  const required = directive.name.value === 'join__field' ? text(argumentOf(directive, 'requires')) : undefined;
  const graph = graphIn(directive);
  if (graph === undefined || !required?.includes('(')) return directive;
  const renamed = rename(naming, selectionOf(required), typeName, graph);
  return withArgument(directive, 'requires', stringNode(fieldsIn(renamed)));
}

interface Naming {
  readonly draft: Draft;
  readonly fields: Map<string, ArgumentField>;
  /** Names by the field and its arguments. */
  readonly names: Map<string, string>;
  readonly prefix: string;
}

/** No field's name begins with it, and none of a client's: such names get others of their own. */
function freePrefix({ composites }: Draft): string {
  const names = new Set([...composites.values()].flatMap(({ fields = [] }) => fields.map(({ name }) => name.value)));
  let prefix = 'required';
  while ([...names].some((name) => name.startsWith(`${prefix}_`))) prefix += '_';
  return `${prefix}_`;
}

function rename(naming: Naming, set: SelectionSetNode, typeName: string, graph: string): SelectionSetNode {
  const { composites } = naming.draft;
  const selections = set.selections.map((selection): SelectionNode => {
    if (selection.kind === Kind.FRAGMENT_SPREAD) return selection;
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      const on = selection.typeCondition?.name.value ?? typeName;
      return { ...selection, selectionSet: rename(naming, selection.selectionSet, on, graph) };
    }
    const field = fieldOf(composites.get(typeName), selection.name.value);
    if (!field) return selection;
    const selectionSet =
      selection.selectionSet && rename(naming, selection.selectionSet, typeNameIn(field.type), graph);
    const inner = selectionSet ? { selectionSet } : {};
    if ((selection.arguments ?? []).length === 0) return { ...selection, ...inner };
    return { ...selection, name: nameNode(nameFor(naming, selection, typeName, graph)), arguments: [], ...inner };
  });
  return { ...set, selections };
}

function nameFor(naming: Naming, node: FieldNode, typeName: string, graph: string): string {
  const field = node.name.value;
  const given = (node.arguments ?? []).map((argument) => print(argument)).sort();
  const key = `${field}(${given.join()})`;
  let name = naming.names.get(key);
  if (name === undefined) {
    name = `${naming.prefix}${naming.names.size}_${field}`;
    naming.names.set(key, name);
    naming.fields.set(name, { field, arguments: given });
  }
  for (const holder of familyOf(naming.draft, typeName, field)) addField(holder, field, name, graph);
  return name;
}

/** The type, the interfaces it has the field from, and the other types that have it from those. */
export function familyOf(
  { composites, implementers }: Draft,
  typeName: string,
  field: string,
): ReadonlySet<DraftComposite> {
  const type = composites.get(typeName);
  const family = new Set(type ? [type] : []);
  for (const name of type ? [typeName, ...interfacesOf(type)] : []) {
    const one = composites.get(name);
    if (one?.kind !== Kind.INTERFACE_TYPE_DEFINITION || !fieldOf(one, field)) continue;
    family.add(one);
    for (const implementer of implementers.get(name) ?? []) family.add(implementer);
  }
  return family;
}

/** Gives a type the field under its new name: of those that own it, and external where it is required. */
function addField(type: DraftComposite, field: string, name: string, graph: string): void {
  const original = fieldOf(type, field);
  if (!original) return;
  const joins = joined(original, 'join__field');
  const graphs = joined(type, 'join__type').map(graphIn);
  let added: DraftField | undefined = fieldOf(type, name);
  if (!added) {
    const everywhere = [...new Set(graphs)].map((one) => directiveNode('join__field', { graph: enumNode(one ?? '') }));
    const owners = joins.filter((directive) => !isSaid(directive, 'external') && !isSaid(directive, 'usedOverridden'));
    const { description: _, ...rest } = original;
    // Without any it would be everybody's.
    const nobody = [directiveNode('join__field', {})];
    const directives = joins.length === 0 ? everywhere : owners.length > 0 ? owners : nobody;
    added = { ...rest, name: nameNode(name), arguments: [], directives };
    type.fields = [...(type.fields ?? []), added];
  }
  const isHere = joined(original, 'join__field', graph).length > 0 && graphs.includes(graph);
  if (isHere && joined(added, 'join__field', graph).length === 0) {
    const external = directiveNode('join__field', { graph: enumNode(graph), external: TRUE });
    added.directives = [...(added.directives ?? []), external];
  }
}

export const fieldsIn = ({ selections }: SelectionSetNode): string =>
  selections
    .map((selection) => print(selection))
    .join(' ')
    .replace(/\s+/g, ' ');
