import { readFileSync, unwatchFile, watchFile } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { ConfigError } from 'kit/config';
import type { Logger } from 'kit/logger';
import type { GatewaySettings } from '../config.ts';
import { readManifest, type Safelist } from './manifest.ts';

export interface ManifestFile {
  /** As the file was when it could last be read. */
  readonly current: () => Safelist;
  readonly close: () => void;
}

export type ManifestSettings = Pick<
  GatewaySettings,
  'SAFELIST_MANIFEST' | 'SAFELIST_ANONYMOUS' | 'SAFELIST_USER' | 'SAFELIST_API_KEY' | 'MAX_TOKENS'
>;

/** The manifest that settings name, or null. Throws ConfigError where it is wrong, or one is needed. */
export function openManifestOf(settings: ManifestSettings, log: Logger): ManifestFile | null {
  const { SAFELIST_MANIFEST: file, SAFELIST_ANONYMOUS, SAFELIST_USER, SAFELIST_API_KEY, MAX_TOKENS } = settings;
  if (file !== null) return openManifest(file, MAX_TOKENS, log);
  if ([SAFELIST_ANONYMOUS, SAFELIST_USER, SAFELIST_API_KEY].every((mode) => mode === 'off')) return null;
  throw new ConfigError(
    'SAFELIST_MANIFEST: must name the file of listed operations, since a SAFELIST_ mode is not off',
  );
}

/** Looks at times and sizes, so that files replaced by renaming and by links are seen too. */
const LOOK_MILLISECONDS = 1000;

/** Reads a manifest, and again whenever its file changes. Throws ConfigError where it is wrong now; one that is wrong later is refused and the earlier kept. */
export function openManifest(file: string, maxTokens: number, log: Logger): ManifestFile {
  let current = readFirst(file, maxTokens);
  const reload = async (): Promise<void> => {
    try {
      current = readManifest(await readFile(file, 'utf8'), maxTokens);
      log.info({ file, operations: current.size }, 'the manifest of documents has changed and is read again');
    } catch (error) {
      log.error({ err: error, file }, 'the changed manifest of documents is wrong; the one before stays in force');
    }
  };
  const onChange = (): void => void reload();
  watchFile(file, { interval: LOOK_MILLISECONDS, persistent: false }, onChange);
  return { current: () => current, close: () => unwatchFile(file, onChange) };
}

function readFirst(file: string, maxTokens: number): Safelist {
  try {
    return readManifest(readFileSync(file, 'utf8'), maxTokens);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError(`SAFELIST_MANIFEST: must name a file of listed operations, which ${file} is not: ${reason}`, {
      cause: error,
    });
  }
}
