import { parse } from 'yaml';
import { SchemaProblem } from './definition.ts';

export interface ComposedSubgraph {
  readonly name: string;
  readonly url: string;
  /** Where its SDL is kept, relative to the repository. */
  readonly file: string;
}

export interface SupergraphConfig {
  /** Exact version, such as `2.14.4`, or null where the file leaves it open. */
  readonly federationVersion: string | null;
  readonly subgraphs: readonly ComposedSubgraph[];
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Reads rover's `supergraph.yaml`. Throws SchemaProblem with every entry that cannot be used. */
export function readSupergraphConfig(text: string): SupergraphConfig {
  const document: unknown = parse(text);
  const entries = isRecord(document) && isRecord(document['subgraphs']) ? Object.entries(document['subgraphs']) : [];
  if (!isRecord(document) || entries.length === 0)
    throw new SchemaProblem(['supergraph.yaml: `subgraphs` names none.']);
  const problems: string[] = [];
  const subgraphs = entries.map(([name, entry]) => {
    const url = isRecord(entry) ? entry['routing_url'] : null;
    const schema = isRecord(entry) ? entry['schema'] : null;
    const file = isRecord(schema) ? schema['file'] : null;
    if (typeof url !== 'string' || !URL.canParse(url)) problems.push(`supergraph.yaml: ${name} needs a routing_url.`);
    if (typeof file !== 'string') problems.push(`supergraph.yaml: ${name} needs a schema.file.`);
    return { name, url: String(url), file: String(file).replace(/^\.\//, '') };
  });
  if (problems.length > 0) throw new SchemaProblem(problems);
  return { federationVersion: exactVersion(document['federation_version']), subgraphs };
}

/** `=2.14.4` pins; `2` and nothing leave the choice open. */
function exactVersion(value: unknown): string | null {
  return typeof value === 'string' && value.startsWith('=') ? value.slice(1) : null;
}
