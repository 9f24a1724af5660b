import {
  Kind,
  type DocumentNode,
  type FieldNode,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { aliasesOf, pruned, withFragments } from './document.ts';
import type { FieldStep, FragmentStep, Guard, SetStep } from './steps.ts';

export interface FilteredDocument {
  /** What may be planned: no refused field, and no fragment or variable that only those used. Null where nothing is left. */
  readonly document: DocumentNode | null;
  /** The operation as asked, with fragments written out wherever what is refused in them depends on the place. */
  readonly shape: DocumentNode;
  /** Nodes of `shape` that are null whatever was fetched: refused fields and everything below them. */
  readonly refusedFields: ReadonlySet<FieldNode>;
}

interface Rendered {
  readonly kept: SelectionSetNode | null;
  readonly shape: SelectionSetNode;
}

interface Filtering {
  readonly isRefused: (guard: Guard) => boolean;
  readonly refusedFields: Set<FieldNode>;
  /** Asked for in place of fields that are all refused: whether their parent is there is no secret. */
  readonly filler: SelectionSetNode;
  readonly rendered: Map<SetStep, Rendered>;
  readonly refusedSets: Map<SetStep, SelectionSetNode>;
}

/** Takes an operation's refused fields out of it. */
export function filterOperation(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  root: SetStep,
  isRefused: (guard: Guard) => boolean,
): FilteredDocument {
  const filtering: Filtering = {
    isRefused,
    refusedFields: new Set(),
    filler: fillerFor(document),
    rendered: new Map(),
    refusedSets: new Map(),
  };
  const { kept, shape } = render(filtering, root);
  return {
    document: kept && pruned(document, { ...operation, selectionSet: kept }),
    shape: withFragments(document, { ...operation, selectionSet: shape }),
    refusedFields: filtering.refusedFields,
  };
}

/** `__typename`, under another name where a client has given that one to a field of its own. */
function fillerFor(document: DocumentNode): SelectionSetNode {
  const aliases = aliasesOf(document);
  let alias = '__typename';
  for (let attempt = 0; aliases.has(alias); attempt++) alias = `present_${attempt}`;
  const name = { kind: Kind.NAME, value: '__typename' } as const;
  const field: FieldNode =
    alias === '__typename'
      ? { kind: Kind.FIELD, name }
      : { kind: Kind.FIELD, name, alias: { kind: Kind.NAME, value: alias } };
  return { kind: Kind.SELECTION_SET, selections: [field] };
}

function render(filtering: Filtering, set: SetStep): Rendered {
  if (!set.isGuarded) return { kept: set.node, shape: set.node };
  const known = filtering.rendered.get(set);
  if (known) return known;
  const kept: SelectionNode[] = [];
  const shape: SelectionNode[] = [];
  for (const step of set.steps) {
    const one = 'guard' in step ? renderField(filtering, step) : renderFragment(filtering, step);
    if (one.kept) kept.push(one.kept);
    shape.push(one.shape);
  }
  const isSame = shape.every((node, index) => node === set.node.selections[index]);
  const rendered: Rendered = isSame
    ? { kept: set.node, shape: set.node }
    : { kept: kept.length > 0 ? setOf(kept) : null, shape: setOf(shape) };
  filtering.rendered.set(set, rendered);
  return rendered;
}

interface RenderedSelection {
  readonly kept: SelectionNode | null;
  readonly shape: SelectionNode;
}

function renderField(filtering: Filtering, { node, guard, inner, ...step }: FieldStep): RenderedSelection {
  if (guard && filtering.isRefused(guard)) {
    return { kept: null, shape: refusedField(filtering, { node, guard, inner, ...step }) };
  }
  const rendered = inner && render(filtering, inner);
  if (!rendered || rendered.shape === inner.node) return { kept: node, shape: node };
  return {
    kept: { ...node, selectionSet: rendered.kept ?? filtering.filler },
    shape: { ...node, selectionSet: rendered.shape },
  };
}

function renderFragment(filtering: Filtering, step: FragmentStep): RenderedSelection {
  const { kept, shape } = render(filtering, step.inner);
  if (shape === step.inner.node) return { kept: step.node, shape: step.node };
  return { kept: kept && inlined(step, kept), shape: inlined(step, shape) };
}

/** A node of its own, since the document's may be permitted where else its fragment is spread. */
function refusedField(filtering: Filtering, { node, inner }: FieldStep): FieldNode {
  const refused: FieldNode = inner ? { ...node, selectionSet: refusedSet(filtering, inner) } : { ...node };
  filtering.refusedFields.add(refused);
  return refused;
}

/** Below a refused field everything is refused: another fragment may fetch the same object for fields that are not. */
function refusedSet(filtering: Filtering, set: SetStep): SelectionSetNode {
  let refused = filtering.refusedSets.get(set);
  if (!refused) {
    refused = setOf(
      set.steps.map((step) =>
        'guard' in step ? refusedField(filtering, step) : inlined(step, refusedSet(filtering, step.inner)),
      ),
    );
    filtering.refusedSets.set(set, refused);
  }
  return refused;
}

const setOf = (selections: readonly SelectionNode[]): SelectionSetNode => ({ kind: Kind.SELECTION_SET, selections });

function inlined({ node, condition }: FragmentStep, selectionSet: SelectionSetNode): SelectionNode {
  return {
    kind: Kind.INLINE_FRAGMENT,
    ...(condition ? { typeCondition: condition } : {}),
    directives: node.directives ?? [],
    selectionSet,
  };
}
