import {
  baseType,
  federationMetadata,
  isCompositeType,
  isUnionType,
  isVariable,
  SelectionSet,
  VariableCollector,
} from '@apollo/federation-internals';
import type { CompositeType } from '@apollo/federation-internals';

const canRebaseOn = SelectionSet.prototype.canRebaseOn;

/**
 * Makes the planner of this thread look closer before it moves what a requirement needs from one subgraph's fetch to the one
 * before it: it moves a field that the other subgraph only names, as @external or @requires, as if it could be had there.
 * And look only once into what is in a list: it looks twice, so that a list in thirty others would take it a minute.
 */
export function repairPlanner(): void {
  VariableCollector.prototype.collectInArguments = function collectOnce(this: VariableCollector, values: object): void {
    collectVariables(values, this);
  };
  SelectionSet.prototype.canRebaseOn = function canBeHadOn(this: SelectionSet, type: CompositeType): boolean {
    return canRebaseOn.call(this, type) && isFree(this, type);
  };
}

function collectVariables(value: unknown, collector: VariableCollector): void {
  if (isVariable(value)) collector.add(value);
  else if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) collectVariables(inner, collector);
  }
}

function isFree(set: SelectionSet, type: CompositeType): boolean {
  const metadata = federationMetadata(type.schema());
  if (!metadata) return true;
  return set.selections().every((selection) => {
    if (selection.kind === 'FragmentSelection') {
      const condition = selection.element.typeCondition;
      const on = condition ? type.schema().type(condition.name) : type;
      return !on || !isCompositeType(on) || isFree(selection.selectionSet, on);
    }
    const field = isUnionType(type) ? undefined : type.field(selection.element.name);
    if (!field) return true;
    if (metadata.isFieldExternal(field) || field.hasAppliedDirective(metadata.requiresDirective())) return false;
    const inner = baseType(field.type ?? type);
    return !selection.selectionSet || !isCompositeType(inner) || isFree(selection.selectionSet, inner);
  });
}
