import {
  Kind,
  visit,
  type DirectiveNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { fragmentsOf } from '../execution/collect.ts';

/** An operation whose every @defer counts, and has a label of its own. */
export interface DeferredDocument {
  /** The operation, and the fragments without any @defer. */
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  /** What clients call them; null for those without a name. */
  readonly labels: ReadonlyMap<string, string | null>;
}

/** More than this and an operation is answered whole: every fragment of every object is told of by itself. */
const MAX_FRAGMENTS = 100;
/** Fragments that hold a @defer are written out wherever they are spread. */
const MAX_SELECTIONS = 20_000;

export const isDefer = ({ name }: DirectiveNode): boolean => name.value === 'defer';

/** The document as if nobody had heard of @defer. */
export function withoutDefer(document: DocumentNode): DocumentNode {
  const bare = visit(document, { Directive: (directive) => (isDefer(directive) ? null : undefined) });
  if (bare === document) return document;
  // A fragment that was there for its @defer alone is none any more: the planner stumbles over some of these.
  return visit(bare, {
    SelectionSet: { leave: (set) => ({ ...set, selections: set.selections.flatMap(inPlaceOf) }) },
  });
}

function inPlaceOf(selection: SelectionNode): readonly SelectionNode[] {
  if (selection.kind !== Kind.INLINE_FRAGMENT || selection.typeCondition) return [selection];
  return (selection.directives ?? []).length > 0 ? [selection] : selection.selectionSet.selections;
}

/** The variables that say whether something is deferred, in the order in which they come up; null where nothing ever is. */
export function deferConditions(document: DocumentNode): readonly string[] | null {
  const names = new Set<string>();
  let isDeferred = false;
  visit(document, {
    Directive: (directive) => {
      if (!isDefer(directive)) return;
      isDeferred = true;
      const condition = argumentOf(directive, 'if');
      if (condition?.kind === Kind.VARIABLE) names.add(condition.name.value);
    },
  });
  return isDeferred ? [...names] : null;
}

/**
 * Writes an operation so that each @defer that these variables leave stands at one place. Null where none is left, or too
 * many are.
 */
export function deferredDocument(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  values: Readonly<Record<string, unknown>>,
): DeferredDocument | null {
  const fragments = fragmentsOf(document);
  const writing: Writing = { fragments, values, labels: new Map(), holding: new Map(), used: new Set(), selections: 0 };
  const selectionSet = write(writing, operation.selectionSet);
  if (writing.labels.size === 0 || writing.labels.size > MAX_FRAGMENTS || writing.selections > MAX_SELECTIONS) {
    return null;
  }
  const written = { ...operation, selectionSet };
  const plain = [...writing.used].flatMap((name) => fragments.get(name) ?? []);
  const rest = withoutDefer({ kind: Kind.DOCUMENT, definitions: plain });
  const definitions = [written, ...rest.definitions];
  return { document: { kind: Kind.DOCUMENT, definitions }, operation: written, labels: writing.labels };
}

interface Writing {
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly values: Readonly<Record<string, unknown>>;
  readonly labels: Map<string, string | null>;
  readonly holding: Map<string, boolean>;
  /** Fragments that stay what they are. */
  readonly used: Set<string>;
  selections: number;
}

function write(writing: Writing, set: SelectionSetNode): SelectionSetNode {
  return { kind: Kind.SELECTION_SET, selections: set.selections.map((selection) => writeOne(writing, selection)) };
}

function writeOne(writing: Writing, selection: SelectionNode): SelectionNode {
  // What is too much is given up in the end; it need not be written until then.
  if (++writing.selections > MAX_SELECTIONS) return selection;
  if (selection.kind === Kind.FIELD) {
    return selection.selectionSet ? { ...selection, selectionSet: write(writing, selection.selectionSet) } : selection;
  }
  const directives = labelled(writing, selection.directives ?? []);
  if (selection.kind === Kind.INLINE_FRAGMENT) {
    return { ...selection, directives, selectionSet: write(writing, selection.selectionSet) };
  }
  const fragment = writing.fragments.get(selection.name.value);
  if (!fragment || !(directives.some(isDefer) || holds(writing, fragment))) {
    noteUsed(writing, selection.name.value);
    return { ...selection, directives };
  }
  const { typeCondition, selectionSet } = fragment;
  return { kind: Kind.INLINE_FRAGMENT, typeCondition, directives, selectionSet: write(writing, selectionSet) };
}

function noteUsed({ fragments, used }: Writing, name: string): void {
  if (used.has(name)) return;
  used.add(name);
  const fragment = fragments.get(name);
  if (!fragment) return;
  visit(fragment, {
    FragmentSpread: ({ name: inner }) => noteUsed({ fragments, used } as Writing, inner.value),
  });
}

function labelled(writing: Writing, directives: readonly DirectiveNode[]): readonly DirectiveNode[] {
  return directives.flatMap((directive) => {
    if (!isDefer(directive)) return [directive];
    if (!isActive(writing, directive)) return [];
    const ofClient = argumentOf(directive, 'label');
    const label = `d${writing.labels.size}`;
    writing.labels.set(label, ofClient?.kind === Kind.STRING ? ofClient.value : null);
    return [deferWith(label)];
  });
}

const deferWith = (label: string): DirectiveNode => ({
  kind: Kind.DIRECTIVE,
  name: { kind: Kind.NAME, value: 'defer' },
  arguments: [
    { kind: Kind.ARGUMENT, name: { kind: Kind.NAME, value: 'label' }, value: { kind: Kind.STRING, value: label } },
  ],
});

function isActive({ values }: Pick<Writing, 'values'>, directive: DirectiveNode): boolean {
  const condition = argumentOf(directive, 'if');
  if (condition?.kind === Kind.VARIABLE) return values[condition.name.value] !== false;
  return condition?.kind !== Kind.BOOLEAN || condition.value;
}

/** Whether a fragment, or one that it spreads, holds a @defer that counts. */
function holds(writing: Writing, fragment: FragmentDefinitionNode): boolean {
  const name = fragment.name.value;
  let found = writing.holding.get(name);
  if (found === undefined) {
    writing.holding.set(name, false);
    found = holdsIn(writing, fragment.selectionSet);
    writing.holding.set(name, found);
  }
  return found;
}

function holdsIn(writing: Writing, { selections }: SelectionSetNode): boolean {
  return selections.some((selection) => {
    if (selection.directives?.some((directive) => isDefer(directive) && isActive(writing, directive))) return true;
    if (selection.kind === Kind.FRAGMENT_SPREAD) {
      const fragment = writing.fragments.get(selection.name.value);
      return fragment !== undefined && holds(writing, fragment);
    }
    return selection.selectionSet !== undefined && holdsIn(writing, selection.selectionSet);
  });
}

const argumentOf = (directive: DirectiveNode, name: string) =>
  directive.arguments?.find((argument) => argument.name.value === name)?.value;
