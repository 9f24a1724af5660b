import { type DefinitionNode, type DocumentNode, type GraphQLError, Kind, parse, print, visit } from 'graphql';
import { SchemaProblem } from './definition.ts';

/** Throws SchemaProblem naming the subgraph and the line where the SDL cannot be read. */
export function parseSdl(subgraph: string, sdl: string): DocumentNode {
  try {
    return parse(sdl);
  } catch (error) {
    const { message, locations } = error as GraphQLError;
    throw new SchemaProblem([`${subgraph}:${locations?.[0]?.line ?? 0}: ${message}`]);
  }
}

/**
 * A subgraph's SDL as people write it. What federation adds by itself (`_entities`, `_Service`, the definitions of its
 * directives) is the same everywhere, hides changes from reviewers and is added again by whoever reads `@link`.
 */
export function authoredSdl(subgraph: string, sdl: string): string {
  const document = parseSdl(subgraph, sdl);
  const imported = importedNames(document);
  const definitions = document.definitions.filter((definition) => !isMachinery(definition, imported));
  const authored = visit(
    { ...document, definitions },
    {
      FieldDefinition: ({ name }) => (name.value === '_entities' || name.value === '_service' ? null : undefined),
    },
  );
  return withNewline(print(authored));
}

export const withNewline = (text: string) => `${text.trimEnd()}\n`;

function isMachinery(definition: DefinitionNode, imported: ReadonlySet<string>): boolean {
  if (!('name' in definition) || !definition.name) return false;
  const name = definition.name.value;
  if (/^(link|federation)__|^_(Any|Entity|Service)$/.test(name)) return true;
  return definition.kind === Kind.DIRECTIVE_DEFINITION && (name === 'link' || imported.has(`@${name}`));
}

/** Directives that the schema's `@link`s bring in: `@key`, `@shareable`. */
function importedNames(document: DocumentNode): ReadonlySet<string> {
  const names = document.definitions
    .flatMap((one) =>
      one.kind === Kind.SCHEMA_DEFINITION || one.kind === Kind.SCHEMA_EXTENSION ? (one.directives ?? []) : [],
    )
    .filter((directive) => directive.name.value === 'link')
    .flatMap((directive) => directive.arguments ?? [])
    .flatMap(({ value }) => (value.kind === Kind.LIST ? value.values : []));
  return new Set(names.flatMap((value) => (value.kind === Kind.STRING ? [value.value] : [])));
}
