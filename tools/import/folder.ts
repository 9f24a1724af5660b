import { glob, lstat, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ApiError, type ImportApi } from './api.ts';
import { readDocument, Refusal } from './document.ts';

export interface ImportOptions {
  readonly folder: string;
  readonly match: string;
  readonly limit: number;
  readonly report: (line: string) => void;
}

export interface ImportSummary {
  imported: number;
  /** Imported by an earlier run. */
  known: number;
  readonly refused: { readonly path: string; readonly reason: string }[];
  /** The graph refused to go on; what is left waits for the next run. */
  stopped: boolean;
}

const MAX_BYTES = 1_000_000;
/** Enough to keep the server busy while answers travel, few enough to leave it room for others. */
const AT_ONCE = 4;
/** Everything would be refused for this reason, not this file alone. */
const FATAL = new Set(['RATE_LIMITED', 'FORBIDDEN', 'UNREACHABLE', 'SIGN_IN', 'UNAUTHENTICATED']);

/** Posts every matching file once. A file that is refused is named with its reason and harms no other. */
export async function importFolder(api: ImportApi, options: ImportOptions): Promise<ImportSummary> {
  const summary: ImportSummary = { imported: 0, known: 0, refused: [], stopped: false };
  const paths = await pathsOf(options);
  options.report(`${paths.length} files`);
  const queue = paths.values();
  let done = 0;
  const work = async (): Promise<void> => {
    for (const path of queue) {
      if (summary.stopped) return;
      await importOne(api, options, path, summary);
      if (++done % 50 === 0)
        options.report(`${done} of ${paths.length}: ${summary.imported} imported, ${summary.refused.length} refused`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return summary;
}

async function pathsOf({ folder, match, limit }: ImportOptions): Promise<string[]> {
  if (!(await stat(folder).catch(() => null))?.isDirectory()) throw new Error(`${folder} is no folder`);
  const found: string[] = [];
  for await (const path of glob(match, { cwd: folder })) {
    found.push(path);
    if (found.length >= limit) break;
  }
  return found.sort();
}

async function importOne(
  api: ImportApi,
  { folder, report }: ImportOptions,
  path: string,
  summary: ImportSummary,
): Promise<void> {
  try {
    const { isDraft, ...document } = readDocument(path, await bytesOf(join(folder, path)));
    const post = await api.post({ ...document, importedFrom: path.replaceAll('\\', '/') });
    if (post.status === 'PUBLISHED') {
      summary.known++;
      return;
    }
    if (!isDraft) await api.publish(post.id);
    summary.imported++;
  } catch (error) {
    if (error instanceof ApiError && FATAL.has(error.code)) {
      if (!summary.stopped) report(`stopped at ${path}: ${error.message}`);
      summary.stopped = true;
      return;
    }
    if (!(error instanceof Refusal || error instanceof ApiError || isFileError(error))) throw error;
    summary.refused.push({ path, reason: error instanceof Error ? error.message : String(error) });
  }
}

const isFileError = (error: unknown): boolean => error instanceof Error && 'syscall' in error;

async function bytesOf(file: string): Promise<Uint8Array> {
  const found = await lstat(file);
  if (!found.isFile()) throw new Refusal('it is no plain file');
  if (found.size > MAX_BYTES) throw new Refusal('it is larger than a megabyte');
  return readFile(file);
}
