import {
  GraphQLError,
  Kind,
  type ASTVisitor,
  type DocumentNode,
  type FragmentDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  type ValidationContext,
} from 'graphql';

export interface OperationLimits {
  readonly maxDepth: number;
  readonly maxIntrospectionDepth: number;
  readonly maxSelections: number;
}

interface Measure {
  /** Levels of fields, leaves included: `{ a { b } }` is 2. */
  readonly depth: number;
  /** The same below `__schema` and `__type`. */
  readonly introspectionDepth: number;
  /** Fields once every fragment is written out. */
  readonly selections: number;
}

const nothing: Measure = { depth: 0, introspectionDepth: 0, selections: 0 };
const introspectionFields: ReadonlySet<string> = new Set(['__schema', '__type']);

/**
 * Measures each operation with its fragments written out. A fragment is measured once however often it is spread, so the
 * work is linear in the document; only fields are looked at, so no operation, alias or fragment is excused by its name.
 */
export function measureDocument(document: DocumentNode): Measure {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  const known = new Map<string, Measure>();
  const ofFragment = (name: string): Measure => {
    const measured = known.get(name);
    if (measured) return measured;
    // Stands for the fragment inside itself: cycles are another rule's to refuse.
    known.set(name, nothing);
    const fragment = fragments.get(name);
    const measure = fragment ? ofSet(fragment.selectionSet) : nothing;
    known.set(name, measure);
    return measure;
  };
  const ofSelection = (selection: SelectionNode): Measure => {
    if (selection.kind === Kind.FRAGMENT_SPREAD) return ofFragment(selection.name.value);
    const inner = selection.selectionSet ? ofSet(selection.selectionSet) : nothing;
    if (selection.kind === Kind.INLINE_FRAGMENT) return inner;
    const selections = inner.selections + 1;
    if (introspectionFields.has(selection.name.value)) {
      return { depth: 1, introspectionDepth: 1 + Math.max(inner.depth, inner.introspectionDepth), selections };
    }
    return { depth: 1 + inner.depth, introspectionDepth: inner.introspectionDepth, selections };
  };
  const ofSet = ({ selections }: SelectionSetNode): Measure => selections.map(ofSelection).reduce(together, nothing);
  const operations = document.definitions.flatMap((definition) =>
    definition.kind === Kind.OPERATION_DEFINITION ? [ofSet(definition.selectionSet)] : [],
  );
  return operations.reduce(deepest, nothing);
}

const together = (one: Measure, two: Measure): Measure => ({
  depth: Math.max(one.depth, two.depth),
  introspectionDepth: Math.max(one.introspectionDepth, two.introspectionDepth),
  selections: one.selections + two.selections,
});

const deepest = (one: Measure, two: Measure): Measure => ({
  ...together(one, two),
  selections: Math.max(one.selections, two.selections),
});

/** A validation rule that refuses what is too deep or too large, with the code, the limit and the measured value. */
export function limitRule(limits: OperationLimits): (context: ValidationContext) => ASTVisitor {
  return (context) => {
    const refuse = (limitCode: string, what: string, measured: number, limit: number): void => {
      if (measured <= limit) return;
      // Apollo Server overwrites `code` of a validation error; the formatter puts this one in its place.
      const extensions = { limitCode, code: limitCode, measured, limit };
      context.reportError(
        new GraphQLError(`The operation ${what} (${measured}; the limit is ${limit}).`, { extensions }),
      );
    };
    return {
      Document(document) {
        const { depth, introspectionDepth, selections } = measureDocument(document);
        refuse('DEPTH_LIMIT_EXCEEDED', 'is nested too deeply', depth, limits.maxDepth);
        const introspection = 'asks the schema too deeply';
        refuse('DEPTH_LIMIT_EXCEEDED', introspection, introspectionDepth, limits.maxIntrospectionDepth);
        refuse('SELECTION_LIMIT_EXCEEDED', 'selects too many fields', selections, limits.maxSelections);
      },
    };
  };
}
