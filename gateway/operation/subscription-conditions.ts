import { Kind, type DocumentNode, type OperationDefinitionNode, type SelectionNode } from 'graphql';
import { fragmentsOf } from '../execution/collect.ts';
import { refusal } from '../errors.ts';

/** A root field that may be skipped would leave a subscription to nothing (the specification forbids it since 2023). Throws BAD_REQUEST. */
export function refuseConditions(document: DocumentNode): void {
  for (const definition of document.definitions) {
    const isSubscription = definition.kind === Kind.OPERATION_DEFINITION && definition.operation === 'subscription';
    if (isSubscription) refuseIn(document, definition);
  }
}

function refuseIn(document: DocumentNode, operation: OperationDefinitionNode): void {
  const fragments = fragmentsOf(document);
  const pending: SelectionNode[] = [...operation.selectionSet.selections];
  const seen = new Set<string>();
  for (let selection = pending.pop(); selection; selection = pending.pop()) {
    if (selection.directives?.some(({ name }) => name.value === 'skip' || name.value === 'include')) {
      const message = 'The root field of a subscription takes neither @skip nor @include.';
      throw refusal('BAD_REQUEST', message, { status: 400 });
    }
    if (selection.kind === Kind.INLINE_FRAGMENT) pending.push(...selection.selectionSet.selections);
    if (selection.kind !== Kind.FRAGMENT_SPREAD || seen.has(selection.name.value)) continue;
    seen.add(selection.name.value);
    pending.push(...(fragments.get(selection.name.value)?.selectionSet.selections ?? []));
  }
}
