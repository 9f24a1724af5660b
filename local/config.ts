import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseConfig, port } from 'kit/config';
import { z } from 'zod';

export const localConfig = {
  HOST: z.string().default('127.0.0.1'),
  PORT: port(4000),
  DATA_DIR: z.string().default('.data'),
  NODE_ENV: z.enum(['development', 'test', 'production']).default('development'),
  LOG_LEVEL: z.string().default('warn'),
  REDIS_URL: z.string().optional(),
  HOP_SECRET: z.string().optional(),
  ADMIN_EMAIL: z.string().optional(),
  ADMIN_PASSWORD: z.string().optional(),
};

export type Environment = Readonly<Record<string, string | undefined>>;
export const localSettings = (environment: Environment) => parseConfig(localConfig, environment);

/** A secret of this installation: made once, kept in the data folder for its owner only. */
export function keptSecret(folder: string, name: string): string {
  const file = join(folder, name);
  const kept = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
  if (kept !== '') return kept;
  const made = randomBytes(24).toString('base64url');
  // Whole or not there: a power cut may leave a file that nothing was written to.
  writeFileSync(`${file}.unfinished`, `${made}\n`, { mode: 0o600, flush: true });
  renameSync(`${file}.unfinished`, file);
  return made;
}
