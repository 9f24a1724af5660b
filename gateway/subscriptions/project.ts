import { Kind, type SelectionSetNode } from 'graphql';
import type { Primary } from './primary.ts';

type Fields = Readonly<Record<string, unknown>>;

/** The selection of a subscription's root field, out of an event that holds the fields themselves. */
export function project({ field, fragments, type }: Primary, payload: Fields): unknown {
  const fragmentOf = (name: string) => fragments.find((fragment) => fragment.name.value === name);
  const into = (answer: Record<string, unknown>, set: SelectionSetNode, value: Fields, typeName: unknown): void => {
    for (const selection of set.selections) {
      if (selection.kind === Kind.FIELD) {
        const name = selection.name.value;
        const found = name === '__typename' ? typeName : Object.hasOwn(value, name) ? value[name] : null;
        answer[selection.alias?.value ?? name] = valueOf(found ?? null, selection.selectionSet);
        continue;
      }
      const part = selection.kind === Kind.FRAGMENT_SPREAD ? fragmentOf(selection.name.value) : selection;
      const condition = part?.typeCondition?.name.value;
      // A condition on an interface cannot be told here; what does not belong is left out when the answer is shaped.
      if (part && (condition === undefined || typeof typeName !== 'string' || mayBe(condition, typeName))) {
        into(answer, part.selectionSet, value, typeName);
      }
    }
  };
  const mayBe = (condition: string, typeName: string): boolean =>
    condition === typeName || condition === type.name || type.name !== typeName;
  const valueOf = (value: unknown, set: SelectionSetNode | undefined): unknown => {
    if (Array.isArray(value)) return value.map((each) => valueOf(each, set));
    if (!set || typeof value !== 'object' || value === null) return value;
    const answer: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
    into(answer, set, value as Fields, (value as Fields)['__typename'] ?? null);
    return answer;
  };
  if (!field.selectionSet) return Object.hasOwn(payload, field.name.value) ? payload[field.name.value] : null;
  return valueOf({ __typename: type.name, ...payload }, field.selectionSet);
}
