import { type FieldDefinitionNode, Kind, type ObjectTypeDefinitionNode, type ObjectTypeExtensionNode } from 'graphql';
import { SchemaProblem, type SchemaSource } from './definition.ts';
import { authoredSdl, parseSdl } from './sdl.ts';

/** Every field of the graph with the roles its declaration lets through: reviewers see a right change in a diff. */
export interface AccessMatrix {
  readonly [typeAndField: string]: Access;
}

interface Access {
  /** Who answers the field: several for keys, and for what all of them share. */
  readonly subgraphs: readonly string[];
  readonly rule: string;
  /** Roles; `viewers` are those who may see the object the field is on. */
  readonly allows: readonly string[];
}

const ROOTS = new Set(['Query', 'Mutation', 'Subscription']);
const OBJECT = 'everyone who may see the object';

/**
 * The declared access of each field: its rule's, or that of the object it is on; a root field without a rule is for nobody.
 * Throws SchemaProblem where two subgraphs answer one field by different rules: whoever may not ask the one asks the other.
 */
export function accessMatrix(sources: readonly SchemaSource[]): AccessMatrix {
  const matrix = new Map<string, Access>();
  const problems: string[] = [];
  for (const { name, sdl, rules = {} } of sources) {
    for (const [type, field] of answeredFields(name, sdl)) {
      const entry = `${type}.${field}`;
      const rule =
        rules[type]?.[field] ??
        (ROOTS.has(type) ? { name: 'none', allows: [] } : { name: OBJECT, allows: ['viewers'] });
      const known = matrix.get(entry);
      if (known && known.rule !== rule.name) {
        problems.push(`${name}: ${entry} is for ${rule.name}, but for ${known.rule} in ${known.subgraphs.join(', ')}`);
      }
      matrix.set(entry, { subgraphs: [...(known?.subgraphs ?? []), name], rule: rule.name, allows: rule.allows });
    }
  }
  if (problems.length > 0) throw new SchemaProblem(problems);
  return Object.fromEntries([...matrix].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Fields this subgraph answers. Stubs of foreign types have only their key, and external fields are another's. */
function answeredFields(name: string, sdl: string): (readonly [type: string, field: string])[] {
  const document = parseSdl(name, authoredSdl(name, sdl));
  return document.definitions.flatMap((definition) => {
    const isType = definition.kind === Kind.OBJECT_TYPE_DEFINITION || definition.kind === Kind.OBJECT_TYPE_EXTENSION;
    if (!isType || isStub(definition)) return [];
    const fields = (definition.fields ?? []).filter((field) => !isExternal(field));
    return fields.map((field) => [definition.name.value, field.name.value] as const);
  });
}

const isStub = ({ directives }: ObjectTypeDefinitionNode | ObjectTypeExtensionNode): boolean =>
  directives?.some(({ arguments: args }) =>
    args?.some(({ name, value }) => name.value === 'resolvable' && value.kind === Kind.BOOLEAN && !value.value),
  ) ?? false;

const isExternal = ({ directives }: FieldDefinitionNode): boolean =>
  directives?.some(({ name }) => name.value === 'external') ?? false;
