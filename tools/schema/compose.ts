import { createRequire } from 'node:module';
import { type CompositionSuccess, composeServices } from '@apollo/composition';
import { type DocumentNode, type GraphQLError, lexicographicSortSchema, printSchema } from 'graphql';
import { findLeaks } from 'gateway/authorization/leaks';
import { SchemaProblem } from './definition.ts';
import { parseSdl, withNewline } from './sdl.ts';
import type { SupergraphConfig } from './supergraph-config.ts';

export interface Composition {
  readonly supergraph: string;
  /** The schema that clients see, sorted by name. */
  readonly api: string;
  /** What composition found odd but not wrong. */
  readonly hints: readonly string[];
}

/**
 * Composes exactly the subgraphs that the configuration names.
 * @param sdlOf SDL by subgraph name.
 * @throws SchemaProblem with a line per error, each naming its subgraphs and, where known, the lines of their SDL.
 */
export function compose(config: SupergraphConfig, sdlOf: ReadonlyMap<string, string>): Composition {
  checkVersion(config.federationVersion);
  const services = config.subgraphs.map(({ name, url }) => ({
    name,
    url,
    typeDefs: documentOf(name, sdlOf.get(name)),
  }));
  const result = composeServices(services);
  if (result.errors) throw new SchemaProblem(result.errors.map(readable));
  const leaks = findLeaks(result.schema);
  if (leaks.length > 0) throw new SchemaProblem(leaks.map(({ message }) => message));
  return {
    supergraph: withNewline(result.supergraphSdl),
    api: withNewline(printSchema(lexicographicSortSchema(result.schema.toAPISchema().toGraphQLJSSchema()))),
    hints: result.hints.filter(({ definition }) => definition.level.name !== 'DEBUG').map(hintLine),
  };
}

/** The composition that CI runs must be the one that the file promises to rover's users. */
function checkVersion(promised: string | null): void {
  const { version } = createRequire(import.meta.url)('@apollo/composition/package.json') as { version: string };
  if (promised !== null && promised !== version) {
    throw new SchemaProblem([
      `supergraph.yaml: federation_version is =${promised}, but @apollo/composition is ${version}.`,
    ]);
  }
}

function documentOf(name: string, sdl: string | undefined): DocumentNode {
  if (sdl !== undefined) return parseSdl(name, sdl);
  throw new SchemaProblem([`${name}: supergraph.yaml names it, but there is neither such a subgraph nor its file.`]);
}

const hintLine = ({ definition, message }: CompositionSuccess['hints'][number]) =>
  `${definition.level.name} ${definition.code}: ${message.replaceAll(/\s*\n\s*/g, ' ')}`;

/** `INVALID_FIELD_SHARING: Non-shareable field … (content:12, users:4)` */
function readable(error: GraphQLError): string {
  const nodes = (error.nodes ?? []) as readonly (NonNullable<GraphQLError['nodes']>[number] & { subgraph?: string })[];
  const places = nodes.flatMap(({ subgraph, loc }) => (subgraph ? [`${subgraph}:${loc?.startToken.line ?? 0}`] : []));
  const where = places.length > 0 ? ` (${[...new Set(places)].join(', ')})` : '';
  return `${String(error.extensions['code'])}: ${error.message}${where}`;
}
