import { createHash } from 'node:crypto';
import {
  getOperationAST,
  Kind,
  parse,
  print,
  visit,
  type DocumentNode,
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
} from 'graphql';
import { fragmentsOf } from '../execution/collect.ts';

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/**
 * One operation as a manifest holds it: the operation, then the fragments that it reaches by name, printed by graphql-js.
 * Comments, spacing, unused definitions and the order of definitions are gone; the order of fields stays, since answers follow it.
 */
export function canonicalText(document: DocumentNode, operation: OperationDefinitionNode): string {
  return print({ kind: Kind.DOCUMENT, definitions: [operation, ...fragmentsReached(document, operation)] });
}

/**
 * What two texts have in common that ask the same: the canonical text without `__typename`, which clients' libraries add
 * where they like. Null for a text that does not parse or has no such operation.
 */
export function comparableText(text: string, operationName: string | null, maxTokens: number): string | null {
  try {
    const document = parse(text, { noLocation: true, maxTokens });
    const operation = getOperationAST(document, operationName);
    return operation ? canonicalText(withoutTypenames(document), withoutTypenames(operation)) : null;
  } catch {
    return null;
  }
}

function withoutTypenames<Node extends DocumentNode | OperationDefinitionNode>(node: Node): Node {
  return visit<Node>(node, {
    SelectionSet: (set) => {
      const selections = set.selections.filter(
        (selection) =>
          selection.kind !== Kind.FIELD ||
          selection.name.value !== '__typename' ||
          selection.alias !== undefined ||
          (selection.directives ?? []).length > 0,
      );
      // A set that asks for nothing else keeps its meaning.
      return selections.length === 0 || selections.length === set.selections.length
        ? undefined
        : { ...set, selections };
    },
  });
}

/** The fragments an operation spreads, directly or not, by name; those that the document lacks are left to validation. */
export function fragmentsReached(document: DocumentNode, operation: OperationDefinitionNode): FragmentDefinitionNode[] {
  const fragments = fragmentsOf(document);
  const reached = new Map<string, FragmentDefinitionNode>();
  const pending: (OperationDefinitionNode | FragmentDefinitionNode)[] = [operation];
  for (let node = pending.pop(); node; node = pending.pop()) {
    visit(node, {
      FragmentSpread: ({ name: { value: name } }) => {
        const fragment = fragments.get(name);
        if (!fragment || reached.has(name)) return;
        reached.set(name, fragment);
        pending.push(fragment);
      },
    });
  }
  return [...reached.values()].sort((one, other) => (one.name.value < other.name.value ? -1 : 1));
}
