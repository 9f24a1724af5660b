import { type DirectiveNode, type DocumentNode, type FieldDefinitionNode, Kind, type TypeNode } from 'graphql';

/** What `@requiresScopes` asks, in words: `posts:read`, `a + b | c` where a and b, or c, will do. Several must all be met. */
export type Scopes = readonly string[];

export interface ScopesOf {
  readonly type: (name: string) => Scopes;
  /** Of a field: its own, those of the type it is on, and those of the type it leads to. */
  readonly field: (type: string, field: FieldDefinitionNode) => Scopes;
}

/** The scopes that a subgraph's SDL declares. */
export function scopesIn({ definitions }: DocumentNode): ScopesOf {
  const byType = new Map<string, readonly string[]>();
  for (const definition of definitions) {
    if (!('directives' in definition) || !('name' in definition) || !definition.name) continue;
    const { value } = definition.name;
    byType.set(value, [...(byType.get(value) ?? []), ...scopesOf(definition.directives)]);
  }
  const type = (name: string): Scopes => byType.get(name) ?? [];
  return {
    type,
    field: (on, { directives, type: leadsTo }) => [
      ...new Set([...type(on), ...scopesOf(directives), ...type(namedType(leadsTo))]),
    ],
  };
}

const namedType = (type: TypeNode): string => (type.kind === Kind.NAMED_TYPE ? type.name.value : namedType(type.type));

function scopesOf(directives: readonly DirectiveNode[] = []): readonly string[] {
  return directives
    .filter(({ name }) => name.value === 'requiresScopes')
    .flatMap(({ arguments: given = [] }) => {
      const value = given.find(({ name }) => name.value === 'scopes')?.value;
      if (value?.kind !== Kind.LIST) return [];
      const sets = value.values.map((set) =>
        set.kind === Kind.LIST ? set.values.map((one) => (one.kind === Kind.STRING ? one.value : '')).join(' + ') : '',
      );
      return [sets.join(' | ')];
    });
}

/** Whether credentials that hold these scopes meet all of it. */
export const areMet = (scopes: Scopes, held: ReadonlySet<string>): boolean =>
  scopes.every((words) => words.split(' | ').some((set) => set.split(' + ').every((name) => held.has(name))));
