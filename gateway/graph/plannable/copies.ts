import { Kind, type ConstDirectiveNode, type SelectionSetNode } from 'graphql';
import { argumentOf, text } from '../composed.ts';
import { selectionOf } from '../joins.ts';
import {
  directiveNode,
  enumNode,
  fieldOf,
  graphIn,
  interfacesOf,
  isComposite,
  joined,
  nameNode,
  stringNode,
  typeNameIn,
  withArgument,
  type Draft,
  type DraftComposite,
  type Drafted,
  type DraftField,
} from './draft.ts';
import type { Placed, Requiring } from './placement.ts';

/**
 * Moves fields that must not be asked for with others of their subgraph to a part of it that the planner takes for another
 * subgraph. The real subgraphs' names by those of the parts.
 */
export function moveToParts(draft: Draft, placed: readonly Placed[]): ReadonlyMap<string, string> {
  const parts = new Map<string, Part>();
  for (const { requiring, part: name } of placed) {
    // A context belongs to a subgraph by its name.
    if (name === '' || argumentOf(requiring.directive, 'contextArguments')) continue;
    const { graph } = requiring;
    const value = `${graph}__${name}`;
    const part = parts.get(value) ?? openPart(draft, graph, value);
    parts.set(value, part);
    move(part, requiring);
  }
  for (const part of parts.values()) completeInterfaces(part);

  return new Map([...parts.values()].map(({ service, realService }) => [service, realService]));
}

interface Part {
  readonly draft: Draft;
  /** What the supergraph calls the subgraph, and the part of it. */
  readonly graph: string;
  readonly copy: string;
  readonly service: string;
  readonly realService: string;
  /** Types that the part has with all their fields. */
  readonly whole: Set<string>;
}

function openPart(draft: Draft, graph: string, copy: string): Part {
  const { graphs, composites } = draft;
  const original = graphs.values?.find(({ name }) => name.value === graph);
  const [directive] = original ? joined(original, 'join__graph') : [];
  if (!original || !directive) throw new Error(`the supergraph has no subgraph ${graph}`);
  const realService = text(argumentOf(directive, 'name')) ?? '';
  const service = `${realService}__${copy.slice(graph.length + 2)}`;
  const described = withArgument(directive, 'name', stringNode(service));
  graphs.values = [...(graphs.values ?? []), { ...original, name: nameNode(copy), directives: [described] }];
  const query = composites.get('Query');
  if (query) {
    query.fields?.forEach((field) => pin(query, field));
    query.directives = [...(query.directives ?? []), directiveNode('join__type', { graph: enumNode(copy) })];
  }
  return { draft, graph, copy, service, realService, whole: new Set() };
}

function move(part: Part, { type, field, directive, selection }: Requiring): void {
  copyType(part, type.name.value, false);
  copySelection(part, selection, type.name.value);
  for (const argument of field.arguments ?? []) copyType(part, typeNameIn(argument.type), true);
  copyType(part, typeNameIn(field.type), true);
  const moved = withArgument(directive, 'graph', enumNode(part.copy));
  field.directives = field.directives?.map((one) => (one === directive ? moved : one));
  for (const name of interfacesOf(type)) leaveInterface(part.draft.composites.get(name), field.name.value, part.graph);
}

/** An interface's field would be asked for without what one of its types requires. */
function leaveInterface(type: DraftComposite | undefined, name: string, graph: string): void {
  const field = fieldOf(type, name);
  if (!type || !field) return;
  pin(type, field);
  const rest = (field.directives ?? []).filter((one) => one.name.value !== 'join__field' || graphIn(one) !== graph);
  const isNobodys = !rest.some((one) => one.name.value === 'join__field');
  field.directives = isNobodys ? [...rest, directiveNode('join__field', {})] : rest;
}

/** Gives the part a type with its keys, and with all that it has in the subgraph where it is wanted whole. */
function copyType(part: Part, name: string, isWhole: boolean): void {
  const { draft, graph, copy, whole } = part;
  const type = draft.types.get(name);
  if (!type || joined(type, 'join__type', graph).length === 0) return;
  const isNew = joined(type, 'join__type', copy).length === 0;
  if (isNew) {
    if (isComposite(type)) type.fields?.forEach((field) => pin(type, field));
    copyDirectives(part, type, 'join__type');
    for (const directive of joined(type, 'join__type', graph)) {
      const key = text(argumentOf(directive, 'key'));
      if (key !== undefined) copySelection(part, selectionOf(key), name);
    }
  }
  if (whole.has(name) || !(isWhole || !isComposite(type))) return;
  whole.add(name);
  switch (type.kind) {
    case Kind.ENUM_TYPE_DEFINITION:
      return type.values?.forEach((value) => copyDirectives(part, value, 'join__enumValue'));
    case Kind.INPUT_OBJECT_TYPE_DEFINITION:
      return type.fields?.forEach((field) => {
        copyDirectives(part, field, 'join__field');
        copyType(part, typeNameIn(field.type), true);
      });
    case Kind.UNION_TYPE_DEFINITION:
      for (const member of joined(type, 'join__unionMember', graph)) {
        copyType(part, text(argumentOf(member, 'member')) ?? '', true);
      }
      return copyDirectives(part, type, 'join__unionMember');
    case Kind.SCALAR_TYPE_DEFINITION:
      return undefined;
    default:
      type.fields?.forEach((field) => copyField(part, type, field));
      for (const one of implementersOf(part, name)) copyType(part, one, true);
  }
}

/** The types that implement an interface in the subgraph. */
function implementersOf({ draft, graph }: Part, name: string): readonly string[] {
  return [...draft.composites.values()]
    .filter((type) =>
      joined(type, 'join__implements', graph).some((one) => text(argumentOf(one, 'interface')) === name),
    )
    .map((type) => type.name.value);
}

/** What requires something stays where it is, unless the type can be reached there no other way. */
function copyField(part: Part, type: DraftComposite, field: DraftField): void {
  const { graph } = part;
  const here = joined(field, 'join__field', graph);
  const requires = here.flatMap((directive) => text(argumentOf(directive, 'requires')) ?? []);
  if (here.length === 0 || here.some((directive) => argumentOf(directive, 'contextArguments'))) return;
  if (requires.length > 0 && hasOpenKey(type, graph)) return;
  for (const required of requires) copySelection(part, selectionOf(required), type.name.value);
  copyDirectives(part, field, 'join__field');
  for (const argument of field.arguments ?? []) copyType(part, typeNameIn(argument.type), true);
  copyType(part, typeNameIn(field.type), true);
}

const hasOpenKey = (type: Drafted, graph: string): boolean =>
  joined(type, 'join__type', graph).some((directive) => {
    const resolvable = argumentOf(directive, 'resolvable');
    return argumentOf(directive, 'key') && !(resolvable?.kind === Kind.BOOLEAN && !resolvable.value);
  });

/** Gives the part the fields of a key or requirement, as the subgraph has them. */
function copySelection(part: Part, { selections }: SelectionSetNode, typeName: string): void {
  for (const selection of selections) {
    if (selection.kind === Kind.FRAGMENT_SPREAD) continue;
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      const on = selection.typeCondition?.name.value ?? typeName;
      copyType(part, on, false);
      copySelection(part, selection.selectionSet, on);
      continue;
    }
    const field = fieldOf(part.draft.composites.get(typeName), selection.name.value);
    if (!field) continue;
    copyType(part, typeName, false);
    copyDirectives(part, field, 'join__field');
    for (const argument of field.arguments ?? []) copyType(part, typeNameIn(argument.type), true);
    const inner = typeNameIn(field.type);
    copyType(part, inner, !selection.selectionSet);
    if (selection.selectionSet) copySelection(part, selection.selectionSet, inner);
  }
}

/** Says of a field that every subgraph of its type has which ones that are: the part will be one more of them. */
function pin(type: Drafted, field: Drafted): void {
  if (joined(field, 'join__field').length > 0) return;
  const graphs = new Set(joined(type, 'join__type').map(graphIn));
  const pins = [...graphs].map((graph) => directiveNode('join__field', { graph: enumNode(graph ?? '') }));
  field.directives = [...(field.directives ?? []), ...pins];
}

/** What the directives of this name say of the subgraph they say of the part as well. */
function copyDirectives({ graph, copy }: Part, node: Drafted, name: string): void {
  if (joined(node, name, copy).length > 0) return;
  const copies = joined(node, name, graph).map((directive) => toPart(directive, copy));
  if (copies.length > 0) node.directives = [...(node.directives ?? []), ...copies];
}

const toPart = (directive: ConstDirectiveNode, copy: string): ConstDirectiveNode =>
  withArgument(directive, 'graph', enumNode(copy));

/** A type implements those interfaces that the part has, which have those fields that all their types have. */
function completeInterfaces(part: Part): void {
  const { draft, graph, copy } = part;
  const isHere = (type: Drafted | undefined): type is DraftComposite =>
    type !== undefined && joined(type, 'join__type', copy).length > 0;
  for (const type of draft.composites.values()) {
    if (!isHere(type)) continue;
    for (const directive of joined(type, 'join__implements', graph)) {
      const implemented = draft.composites.get(text(argumentOf(directive, 'interface')) ?? '');
      if (!isHere(implemented)) continue;
      type.directives = [...(type.directives ?? []), toPart(directive, copy)];
      for (const field of implemented.fields ?? []) {
        const own = fieldOf(type, field.name.value);
        if (own && joined(own, 'join__field', copy).length > 0) continue;
        leaveInterface(implemented, field.name.value, copy);
      }
    }
  }
}
