import {
  Kind,
  OperationTypeNode,
  visit,
  type DocumentNode,
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

/** What a selection holds once all its fragments are written out. */
export interface Measure {
  /** Levels of fields, leaves included: `{ a { b } }` is 2. */
  readonly depth: number;
  /** The same below `__schema` and `__type`. */
  readonly introspectionDepth: number;
  readonly selections: number;
  readonly aliases: number;
  readonly directives: number;
  /** Fields of the first level. */
  readonly rootFields: number;
  /** Those of them that are sensitive. */
  readonly sensitiveFields: number;
}

export interface DocumentMeasure extends Measure {
  /** A fragment that spreads itself, directly or through others; null where none does. */
  readonly cyclicFragment: string | null;
}

/**
 * Levels, fields or not, that are followed; what lies deeper is measured as this deep. Stacks hold several times as much,
 * ours and those of everybody who walks the document later.
 */
export const MAX_NESTING = 1000;

const nothing: Measure = {
  depth: 0,
  introspectionDepth: 0,
  selections: 0,
  aliases: 0,
  directives: 0,
  rootFields: 0,
  sensitiveFields: 0,
};
const tooNested: Measure = { ...nothing, depth: MAX_NESTING };
const introspectionFields: ReadonlySet<string> = new Set(['__schema', '__type']);
/** A supergraph has no other names for them. */
const rootTypes: Readonly<Record<OperationTypeNode, string>> = {
  query: 'Query',
  mutation: 'Mutation',
  subscription: 'Subscription',
};

interface Walk {
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** Null stands for a fragment that is being measured. */
  readonly known: Map<string, Measure | null>;
  readonly isSensitive: (field: string) => boolean;
  readonly onCycle: (fragment: string) => void;
}

/**
 * Measures a document: of its operations the largest value each, of selections and directives all together, for all of
 * a document is validated whichever operation is to run. A fragment is measured once however often it is spread, so the
 * work is linear in the document; only fields are looked at, so no operation, alias or fragment is excused by its name.
 * `sensitiveFields` are coordinates: `Mutation.login`.
 */
export function measureDocument(
  document: DocumentNode,
  sensitiveFields: ReadonlySet<string> = new Set(),
): DocumentMeasure {
  const fragments = fragmentsOf(document);
  let cyclicFragment: string | null = null;
  const onCycle = (fragment: string) => void (cyclicFragment = fragment);
  const walks = new Map<OperationTypeNode, Walk>();
  const walkOf = (type: OperationTypeNode): Walk => {
    const isSensitive = (field: string) => sensitiveFields.has(`${rootTypes[type]}.${field}`);
    const walk = walks.get(type) ?? { fragments, known: new Map<string, Measure | null>(), isSensitive, onCycle };
    walks.set(type, walk);
    return walk;
  };
  let largest = nothing;
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    largest = largestOf(largest, ofOperation(definition, walkOf(definition.operation)));
  }
  // What nothing spreads is refused by validation, but only after it has compared its fields.
  const reached = new Set([...walks.values()].flatMap(({ known }) => [...known.keys()]));
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.FRAGMENT_DEFINITION || isReached(definition, fragments, reached)) continue;
    const { selections } = ofSet(definition.selectionSet, 0, walkOf(OperationTypeNode.QUERY));
    largest = { ...largest, selections: largest.selections + selections };
  }
  const directives = Math.max(largest.directives, countDirectives(document));
  return { ...largest, directives, cyclicFragment };
}

/** Of two fragments of one name the last counts, as everywhere in graphql-js. */
export function fragmentsOf(document: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  return fragments;
}

/** Whether an operation spreads this very definition, and not another of its name. */
export function isReached(
  definition: FragmentDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  reached: ReadonlySet<string>,
): boolean {
  const name = definition.name.value;
  return reached.has(name) && fragments.get(name) === definition;
}

function ofOperation(operation: OperationDefinitionNode, walk: Walk): Measure {
  const measure = ofSet(operation.selectionSet, 0, walk);
  const ofVariables = (operation.variableDefinitions ?? []).reduce(
    (sum, one) => sum + (one.directives?.length ?? 0),
    0,
  );
  const directives = measure.directives + ofVariables + (operation.directives?.length ?? 0);
  return { ...measure, directives };
}

function ofSet({ selections }: SelectionSetNode, nesting: number, walk: Walk): Measure {
  if (nesting >= MAX_NESTING) return tooNested;
  let sum = nothing;
  for (const selection of selections) sum = together(sum, ofSelection(selection, nesting + 1, walk));
  return sum;
}

function ofSelection(selection: SelectionNode, nesting: number, walk: Walk): Measure {
  const inner = innerOf(selection, nesting, walk);
  const directives = inner.directives + (selection.directives?.length ?? 0);
  if (selection.kind !== Kind.FIELD) return directives === inner.directives ? inner : { ...inner, directives };
  const name = selection.name.value;
  const field = {
    selections: inner.selections + 1,
    aliases: inner.aliases + (selection.alias ? 1 : 0),
    directives,
    rootFields: 1,
    sensitiveFields: walk.isSensitive(name) ? 1 : 0,
  };
  if (introspectionFields.has(name)) {
    return { ...field, depth: 1, introspectionDepth: 1 + Math.max(inner.depth, inner.introspectionDepth) };
  }
  return { ...field, depth: 1 + inner.depth, introspectionDepth: inner.introspectionDepth };
}

function innerOf(selection: SelectionNode, nesting: number, walk: Walk): Measure {
  if (selection.kind === Kind.FRAGMENT_SPREAD) return ofFragment(selection.name.value, nesting, walk);
  return selection.selectionSet ? ofSet(selection.selectionSet, nesting, walk) : nothing;
}

function ofFragment(name: string, nesting: number, walk: Walk): Measure {
  const known = walk.known.get(name);
  if (known) return known;
  if (known === null) walk.onCycle(name);
  const fragment = walk.fragments.get(name);
  if (known === null || !fragment) return nothing;
  walk.known.set(name, null);
  const measure = ofSet(fragment.selectionSet, nesting, walk);
  walk.known.set(name, measure);
  return measure;
}

const together = (one: Measure, two: Measure): Measure => ({
  depth: Math.max(one.depth, two.depth),
  introspectionDepth: Math.max(one.introspectionDepth, two.introspectionDepth),
  selections: one.selections + two.selections,
  aliases: one.aliases + two.aliases,
  directives: one.directives + two.directives,
  rootFields: one.rootFields + two.rootFields,
  sensitiveFields: one.sensitiveFields + two.sensitiveFields,
});

const largestOf = (one: Measure, two: Measure): Measure => ({
  depth: Math.max(one.depth, two.depth),
  introspectionDepth: Math.max(one.introspectionDepth, two.introspectionDepth),
  selections: one.selections + two.selections,
  aliases: Math.max(one.aliases, two.aliases),
  directives: Math.max(one.directives, two.directives),
  rootFields: Math.max(one.rootFields, two.rootFields),
  sensitiveFields: Math.max(one.sensitiveFields, two.sensitiveFields),
});

function countDirectives(document: DocumentNode): number {
  let count = 0;
  visit(document, { Directive: () => void count++ });
  return count;
}
