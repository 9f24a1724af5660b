import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Generated files by path relative to the repository. */
export type Artifacts = ReadonlyMap<string, string>;

/** Files in the generated folders that nothing generates any more, such as those of a subgraph that was renamed. */
function strayFiles(root: string, artifacts: Artifacts, kept: ReadonlySet<string>): string[] {
  const generated = ['schema', 'schema/types'].flatMap((folder) =>
    existsSync(join(root, folder)) ? readdirSync(join(root, folder)).map((name) => `${folder}/${name}`) : [],
  );
  return generated
    .filter((path) => /\.(graphql|json|ts)$/.test(path) && !artifacts.has(path) && !kept.has(path))
    .sort();
}

/**
 * Compares what is on disk with what would be written.
 * @param kept files of the generated folders that are somebody else's.
 * @returns one line per file that differs, with the first line that does.
 */
export function driftOf(root: string, artifacts: Artifacts, kept: ReadonlySet<string>): readonly string[] {
  const changed = [...artifacts].flatMap(([path, expected]) => {
    if (!existsSync(join(root, path))) return [`${path}: missing`];
    const difference = firstDifference(readFileSync(join(root, path), 'utf8'), expected);
    return difference === null ? [] : [`${path}:${difference}`];
  });
  return [...changed, ...strayFiles(root, artifacts, kept).map((path) => `${path}: no longer generated`)];
}

function firstDifference(actual: string, expected: string): string | null {
  if (actual === expected) return null;
  const [actualLines, expectedLines] = [actual.split('\n'), expected.split('\n')];
  const index = expectedLines.findIndex((line, at) => line !== actualLines[at]);
  const at = index === -1 ? expectedLines.length : index;
  const shown = (line: string | undefined) => (line === undefined ? '(end of file)' : line.trim().slice(0, 100));
  return `${at + 1}: has "${shown(actualLines[at])}", should be "${shown(expectedLines[at])}"`;
}

/** Writes what differs and removes what is no longer generated; returns the paths it touched. */
export function writeArtifacts(root: string, artifacts: Artifacts, kept: ReadonlySet<string>): readonly string[] {
  const changed = [...artifacts].filter(
    ([path, content]) => !existsSync(join(root, path)) || readFileSync(join(root, path), 'utf8') !== content,
  );
  for (const [path, content] of changed) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  const stray = strayFiles(root, artifacts, kept);
  for (const path of stray) rmSync(join(root, path));
  return [...changed.map(([path]) => path), ...stray];
}
