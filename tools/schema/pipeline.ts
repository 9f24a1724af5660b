import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { accessMatrix } from './access.ts';
import { compose } from './compose.ts';
import { type SchemaSource, SchemaProblem } from './definition.ts';
import { type Artifacts } from './drift.ts';
import { eventCatalog, eventProblems } from './events.ts';
import { authoredSdl } from './sdl.ts';
import { readSupergraphConfig, type ComposedSubgraph } from './supergraph-config.ts';
import { generateTypes } from './types.ts';

export interface Pipeline {
  readonly artifacts: Artifacts;
  /** Files of the schema folder that the configuration reads and nobody here writes. */
  readonly kept: ReadonlySet<string>;
  /** For the reader of the output: composition's hints and what was left out. */
  readonly notes: readonly string[];
}

/**
 * Makes every generated file of the schema folder in memory.
 * @param root the repository: `supergraph.yaml` and `codegen.yml` are read there.
 * @throws SchemaProblem where the schemas do not compose or an event's consumer and producer disagree.
 */
export async function runPipeline(root: string, sources: readonly SchemaSource[]): Promise<Pipeline> {
  const config = readSupergraphConfig(readFileSync(join(root, 'supergraph.yaml'), 'utf8'));
  const ours = new Map(sources.map(({ name, sdl }) => [name, authoredSdl(name, sdl)]));
  const foreign = config.subgraphs.filter(({ name }) => !ours.has(name));
  const composition = compose(config, new Map([...ours, ...readForeign(root, foreign)]));
  const problems = eventProblems(sources);
  if (problems.length > 0) throw new SchemaProblem(problems);
  const sdlByFile = new Map([...ours].map(([name, sdl]) => [fileOf(config.subgraphs, name), sdl]));
  const types = await generateTypes(readFileSync(join(root, 'codegen.yml'), 'utf8'), sdlByFile);
  const artifacts = new Map([
    ...sdlByFile,
    ['schema/supergraph.graphql', composition.supergraph] as const,
    ['schema/api.graphql', composition.api] as const,
    ['schema/events.json', `${JSON.stringify(eventCatalog(sources), null, 2)}\n`] as const,
    ['schema/access.json', `${JSON.stringify(accessMatrix(sources), null, 2)}\n`] as const,
    ...types,
  ]);
  const left = sources.filter(({ name }) => !config.subgraphs.some((composed) => composed.name === name));
  const notes = [
    ...composition.hints,
    ...left.map(({ name }) => `${name}: not composed, supergraph.yaml does not name it.`),
    ...foreign.map(({ name, file }) => `${name}: not one of ours, composed from ${file} as it stands.`),
  ];
  return { artifacts, kept: new Set(foreign.map(({ file }) => file)), notes };
}

function fileOf(composed: readonly ComposedSubgraph[], name: string): string {
  return composed.find((subgraph) => subgraph.name === name)?.file ?? `schema/${name}.graphql`;
}

/** A subgraph that somebody else runs is composed from the SDL they gave us. */
function readForeign(root: string, foreign: readonly ComposedSubgraph[]): [string, string][] {
  return foreign
    .filter(({ file }) => existsSync(join(root, file)))
    .map(({ name, file }) => [name, readFileSync(join(root, file), 'utf8')]);
}
