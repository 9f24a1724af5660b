import { Kind } from 'graphql';
import { authoredSdl, parseSdl } from './sdl.ts';
import type { SchemaSource } from './definition.ts';

/** Every field of the graph with the roles its declaration lets through: reviewers see a right change in a diff. */
export interface AccessMatrix {
  readonly [typeAndField: string]: {
    readonly subgraph: string;
    readonly rule: string;
    readonly allows: readonly string[];
  };
}

const ROOTS = new Set(['Query', 'Mutation', 'Subscription']);
const OBJECT = 'everyone who may see the object';

/** The declared access of each field: its rule's, or that of the object it is on. Root fields always have a rule. */
export function accessMatrix(sources: readonly SchemaSource[]): AccessMatrix {
  const entries = sources.flatMap(({ name, sdl, rules = {} }) =>
    fieldsOf(name, sdl).map(([type, field]) => {
      const rule = rules[type]?.[field];
      const missing = ROOTS.has(type) ? 'none' : OBJECT;
      return [
        `${type}.${field}`,
        { subgraph: name, rule: rule?.name ?? missing, allows: rule?.allows ?? ['viewers'] },
      ] as const;
    }),
  );
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Fields this subgraph answers: stubs of foreign types have none but their key. */
function fieldsOf(name: string, sdl: string): (readonly [type: string, field: string])[] {
  const document = parseSdl(name, authoredSdl(name, sdl));
  return document.definitions.flatMap((definition) => {
    const isType = definition.kind === Kind.OBJECT_TYPE_DEFINITION || definition.kind === Kind.OBJECT_TYPE_EXTENSION;
    if (!isType) return [];
    const isStub = definition.directives?.some(({ arguments: args }) =>
      args?.some((one) => one.name.value === 'resolvable' && one.value.kind === Kind.BOOLEAN && !one.value.value),
    );
    if (isStub) return [];
    return (definition.fields ?? []).map((field) => [definition.name.value, field.name.value] as const);
  });
}
