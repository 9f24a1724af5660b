import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { format } from 'prettier';
import { type FeaturePlan, nounOf } from './noun.ts';
import { templates } from './templates.ts';

const STYLE = { singleQuote: true, printWidth: 120, trailingComma: 'all' } as const;

/**
 * Writes the files of a feature and adds it to its subgraph's list, the one existing file that changes.
 * @param root the folder that holds `subgraphs/`.
 * @returns the paths written, relative to `root`.
 * @throws Error, with nothing written, where the subgraph is missing or has the feature already.
 */
export async function createFeature(root: string, subgraph: string, name: string): Promise<string[]> {
  const folder = join('subgraphs', subgraph);
  const glance = join(folder, 'subgraph.ts');
  if (!/^[a-z]+$/.test(subgraph) || !existsSync(join(root, glance))) throw new Error(`there is no ${glance}`);
  const noun = nounOf(name);
  if (existsSync(join(root, folder, noun.kebab))) throw new Error(`${join(folder, noun.kebab)} exists already`);
  const plan: FeaturePlan = {
    subgraph,
    noun,
    migration: nextMigration(join(root, folder, 'migrations'), subgraph, noun.kebab),
  };
  const listed = addToGlance(readFileSync(join(root, glance), 'utf8'), noun.kebab, noun.camel, glance);
  const files = [...templates(plan)].map(([path, content]) => [join(folder, path), content] as const);
  const formatted = await Promise.all(
    [...files, [glance, listed] as const].map(
      async ([path, content]) => [path, await format(content, { ...STYLE, filepath: path })] as const,
    ),
  );
  for (const [path, content] of formatted) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return formatted.map(([path]) => path);
}

/** Migrations run in the order of their numbers, so the new one comes after all that there are. */
function nextMigration(folder: string, subgraph: string, noun: string): FeaturePlan['migration'] {
  const numbers = existsSync(folder) ? readdirSync(folder).map((name) => Number.parseInt(name, 10) || 0) : [];
  const number = String(Math.max(0, ...numbers) + 1).padStart(4, '0');
  return { name: `${number}-${noun}`, className: `${subgraph.charAt(0).toUpperCase()}${subgraph.slice(1)}${number}` };
}

function addToGlance(source: string, kebab: string, camel: string, path: string): string {
  const list = /features: \[([^\]]*)\]/.exec(source);
  const lastImport = [...source.matchAll(/^import .*;\n/gm)].at(-1);
  if (!list || !lastImport) throw new Error(`${path} has no line \`features: […]\` to add to`);
  const features = (list[1] ?? '').trim().replace(/,$/, '');
  const end = lastImport.index + lastImport[0].length;
  const withImport = `${source.slice(0, end)}import { ${camel} } from './${kebab}/index.ts';\n${source.slice(end)}`;
  return withImport.replace(list[0], `features: [${features === '' ? '' : `${features}, `}${camel}]`);
}
