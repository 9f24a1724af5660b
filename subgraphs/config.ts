import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseConfig, port } from 'kit/config';
import { z } from 'zod';

/** Where `supergraph.yaml` expects the first of them on one machine; the others follow. */
export const FIRST_PORT = 4101;

/** While `npm start` runs, the stores it has started are named in the data folder, for commands beside it. */
function addressesOfThisMachine(): Record<string, string> {
  const file = join(process.env['DATA_DIR'] ?? '.data', 'addresses.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>) : {};
}

export const environment: Readonly<Record<string, string | undefined>> = {
  ...addressesOfThisMachine(),
  ...process.env,
};

/** Throws ConfigError where nothing names the subgraph's database. */
export function readDatabaseUrl(subgraph: string): string {
  const variable = `${subgraph.toUpperCase()}_DATABASE_URL`;
  return String(parseConfig({ [variable]: z.string('set it, as in the table of the README') }, environment)[variable]);
}

const serving = {
  HOST: z.string().default('127.0.0.1'),
  HOP_SECRET: z.string('set it, the same as the gateway has').min(16, 'must be at least 16 characters'),
};

/** Where a subgraph that is served on its own listens. Throws ConfigError. */
export const readServing = (index: number) => parseConfig({ ...serving, PORT: port(FIRST_PORT + index) }, environment);
