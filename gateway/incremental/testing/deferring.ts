import {
  Kind,
  parse,
  print,
  visit,
  type DirectiveNode,
  type DocumentNode,
  type SelectionNode,
  type ValueNode,
} from 'graphql';
import { randomOf, type Random } from '../../conformance/corpus-values.ts';
import type { GeneratedOperation } from '../../conformance/corpus.ts';

interface Deferring {
  readonly random: Random;
  /** Variables in `@defer(if:)`. */
  readonly conditions: Set<string>;
  labels: number;
}

/** The same operation with @defer at random places: on its fragments, and on fields made into fragments. */
export function withRandomDefers({ query, variables }: GeneratedOperation, seed: number): GeneratedOperation {
  const deferring: Deferring = { random: randomOf(seed * 7919), conditions: new Set(), labels: 0 };
  const document = parse(query);
  const deferred = visit(document, {
    SelectionSet: {
      leave: (set, _key, parent) => {
        const isAtRoot = !Array.isArray(parent) && (parent as { kind: string }).kind === Kind.OPERATION_DEFINITION;
        if (query.startsWith('mutation') && (isAtRoot || isOnMutation(parent))) return undefined;
        return { ...set, selections: set.selections.map((selection) => deferOne(deferring, selection)) };
      },
    },
  });
  const chosen = [...deferring.conditions].map((name) => [name, deferring.random() < 0.5] as const);
  return {
    query: print(declaring(deferred, [...deferring.conditions])),
    variables: { ...variables, ...Object.fromEntries(chosen) },
  };
}

/** Fragments on the root type of a mutation may not be deferred. */
const isOnMutation = (parent: unknown): boolean => {
  const { kind, typeCondition } = parent as {
    readonly kind: string;
    readonly typeCondition?: { readonly name: { readonly value: string } };
  };
  if (kind !== Kind.INLINE_FRAGMENT && kind !== Kind.FRAGMENT_DEFINITION) return false;
  return typeCondition === undefined || typeCondition.name.value === 'Mutation';
};

function deferOne(deferring: Deferring, selection: SelectionNode): SelectionNode {
  const { random } = deferring;
  if (random() < (selection.kind === Kind.FIELD ? 0.8 : 0.5)) return selection;
  const directive = deferWith(deferring);
  if (selection.kind !== Kind.FIELD) {
    return { ...selection, directives: [...(selection.directives ?? []), directive] };
  }
  return {
    kind: Kind.INLINE_FRAGMENT,
    directives: [directive],
    selectionSet: { kind: Kind.SELECTION_SET, selections: [selection] },
  };
}

function deferWith(deferring: Deferring): DirectiveNode {
  const given: Record<string, ValueNode> = {};
  const { random, conditions } = deferring;
  if (random() < 0.5) given['label'] = { kind: Kind.STRING, value: `L${deferring.labels++}` };
  const roll = random();
  if (roll < 0.1) given['if'] = { kind: Kind.BOOLEAN, value: roll < 0.07 };
  else if (roll < 0.25) {
    const name = `defer${roll < 0.18 ? 0 : 1}`;
    conditions.add(name);
    given['if'] = { kind: Kind.VARIABLE, name: { kind: Kind.NAME, value: name } };
  }
  return {
    kind: Kind.DIRECTIVE,
    name: { kind: Kind.NAME, value: 'defer' },
    arguments: Object.entries(given).map(([name, value]) => ({
      kind: Kind.ARGUMENT,
      name: { kind: Kind.NAME, value: name },
      value,
    })),
  };
}

function declaring(document: DocumentNode, names: readonly string[]): DocumentNode {
  const declared = parse(`query (${names.map((name) => `$${name}: Boolean!`).join(', ')}) { a }`.replace('()', ''));
  const [from] = declared.definitions;
  const further = from?.kind === Kind.OPERATION_DEFINITION ? (from.variableDefinitions ?? []) : [];
  return visit(document, {
    OperationDefinition: (operation) => ({
      ...operation,
      variableDefinitions: [...(operation.variableDefinitions ?? []), ...further],
    }),
  });
}
