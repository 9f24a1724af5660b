import {
  type DocumentNode,
  type FieldDefinitionNode,
  Kind,
  type ObjectTypeDefinitionNode,
  type ObjectTypeExtensionNode,
} from 'graphql';
import { SchemaProblem, type SchemaSource } from './definition.ts';
import { type Scopes, scopesIn } from './scopes.ts';
import { authoredSdl, parseSdl } from './sdl.ts';

/** Every field of the graph with the roles its declaration lets through: reviewers see a right change in a diff. */
export interface AccessMatrix {
  readonly [typeAndField: string]: Access;
}

export interface Access {
  /** Who answers the field: several for keys, and for what all of them share. */
  readonly subgraphs: readonly string[];
  readonly rule: string;
  /** Roles; `viewers` are those who may see the object the field is on. */
  readonly allows: readonly string[];
  /** What an API key must be good for; a root field without is closed to keys. */
  readonly scopes?: Scopes;
}

const ROOTS = new Set(['Query', 'Mutation', 'Subscription']);
/** The rule of a field that has none of its own. */
export const OBJECT = 'everyone who may see the object';

/**
 * The declared access of each field: its rule's, or that of the object it is on; a root field without a rule is for nobody.
 * Throws SchemaProblem where two subgraphs answer one field by different rules or scopes: whoever may not ask the one asks the other.
 */
export function accessMatrix(sources: readonly SchemaSource[]): AccessMatrix {
  const matrix = new Map<string, Access>();
  const problems: string[] = [];
  for (const { name, sdl, rules = {} } of sources) {
    const document = parseSdl(name, authoredSdl(name, sdl));
    const declared = scopesIn(document);
    for (const [type, definition] of answeredFields(document)) {
      const field = definition.name.value;
      const entry = `${type}.${field}`;
      const rule =
        rules[type]?.[field] ??
        (ROOTS.has(type) ? { name: 'none', allows: [] } : { name: OBJECT, allows: ['viewers'] });
      const known = matrix.get(entry);
      if (known && known.rule !== rule.name) {
        problems.push(`${name}: ${entry} is for ${rule.name}, but for ${known.rule} in ${known.subgraphs.join(', ')}`);
      }
      const scopes = declared.field(type, definition);
      if (known && String(known.scopes ?? '') !== String(scopes)) {
        problems.push(
          `${name}: ${entry} takes other scopes than in ${known.subgraphs.join(', ')}: "${String(scopes)}"`,
        );
      }
      matrix.set(entry, {
        subgraphs: [...(known?.subgraphs ?? []), name],
        rule: rule.name,
        allows: rule.allows,
        ...(scopes.length > 0 ? { scopes } : {}),
      });
    }
  }
  if (problems.length > 0) throw new SchemaProblem(problems);
  return Object.fromEntries([...matrix].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Fields this subgraph answers. Stubs of foreign types have only their key, and external fields are another's. */
function answeredFields(document: DocumentNode): (readonly [type: string, field: FieldDefinitionNode])[] {
  return document.definitions.flatMap((definition) => {
    const isType = definition.kind === Kind.OBJECT_TYPE_DEFINITION || definition.kind === Kind.OBJECT_TYPE_EXTENSION;
    if (!isType || isStub(definition)) return [];
    const fields = (definition.fields ?? []).filter((field) => !isExternal(field));
    return fields.map((field) => [definition.name.value, field] as const);
  });
}

const isStub = ({ directives }: ObjectTypeDefinitionNode | ObjectTypeExtensionNode): boolean =>
  directives?.some(({ arguments: args }) =>
    args?.some(({ name, value }) => name.value === 'resolvable' && value.kind === Kind.BOOLEAN && !value.value),
  ) ?? false;

const isExternal = ({ directives }: FieldDefinitionNode): boolean =>
  directives?.some(({ name }) => name.value === 'external') ?? false;
