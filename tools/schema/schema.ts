/** `npm run schema` writes the generated files; `npm run schema -- --check` says which are out of date. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { subgraphs } from 'subgraphs/start';
import { accessMatrix } from './access.ts';
import { declarationProblems } from './declared.ts';
import { SchemaProblem } from './definition.ts';
import { driftOf, writeArtifacts } from './drift.ts';
import { runPipeline } from './pipeline.ts';

const root = join(import.meta.dirname, '../..');

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
  const { artifacts, kept, notes } = await runPipeline(root, subgraphs);
  for (const note of notes) console.log(note);
  if (values.check) return Math.max(reportUndeclared(), reportDrift(driftOf(root, artifacts, kept)));
  const written = writeArtifacts(root, artifacts, kept);
  console.log(written.length === 0 ? 'schema: up to date' : `schema: wrote ${written.join(', ')}`);
  return 0;
}

function reportUndeclared(): number {
  const problems = declarationProblems(accessMatrix(subgraphs));
  for (const problem of problems) console.error(`schema: ${problem}`);
  return problems.length === 0 ? 0 : 1;
}

function reportDrift(drifted: readonly string[]): number {
  if (drifted.length === 0) {
    console.log('schema: up to date');
    return 0;
  }
  console.error(`schema: ${drifted.length} generated files are out of date; run \`npm run schema\`.`);
  for (const line of drifted) console.error(`  ${line}`);
  return 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof SchemaProblem)) throw error;
  for (const problem of error.problems) console.error(`schema: ${problem}`);
  process.exitCode = 1;
}
