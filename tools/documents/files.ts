import { readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join, relative, resolve } from 'node:path';
import { gqlPluckFromCodeStringSync } from '@graphql-tools/graphql-tag-pluck';
import { DocumentProblem } from './problem.ts';

/** A piece of GraphQL, and where it stands. */
export interface Piece {
  readonly text: string;
  /** `src/feed.tsx:12` */
  readonly place: string;
}

const GRAPHQL = new Set(['.graphql', '.gql']);
const CODE = new Set(['.ts', '.tsx', '.mts', '.cts', '.js', '.jsx', '.mjs', '.cjs']);

/** All GraphQL in files and folders: whole files, and in code what is tagged with `gql` or `graphql` or marked `GraphQL` by a comment. */
export function piecesIn(paths: readonly string[], root: string): readonly Piece[] {
  return paths.flatMap((path) => filesAt(resolve(root, path))).flatMap((file) => piecesOf(file, relative(root, file)));
}

/** Files that may hold GraphQL, in a stable order; what is installed or hidden is not looked into. */
function filesAt(path: string): string[] {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) throw new DocumentProblem([`${path}: there is no such file or folder`]);
  if (!stat.isDirectory()) return [path];
  return readdirSync(path, { withFileTypes: true })
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .flatMap((entry) => {
      const inner = join(path, entry.name);
      if (entry.isDirectory()) return entry.name === 'node_modules' || entry.name.startsWith('.') ? [] : filesAt(inner);
      return GRAPHQL.has(extname(inner)) || CODE.has(extname(inner)) ? [inner] : [];
    });
}

function piecesOf(file: string, name: string): Piece[] {
  const text = readFileSync(file, 'utf8');
  if (GRAPHQL.has(extname(file))) return text.trim() === '' ? [] : [{ text, place: name }];
  try {
    // Interpolated fragments are left out: they are pieces of their own, found by name.
    return gqlPluckFromCodeStringSync(file, text, {
      globalGqlIdentifierName: ['gql', 'graphql'],
      gqlMagicComment: 'GraphQL',
    }).map(({ body, locationOffset: { line } }) => ({ text: body, place: `${name}:${line}` }));
  } catch (error) {
    throw new DocumentProblem([`${name}: ${error instanceof Error ? error.message : String(error)}`]);
  }
}
