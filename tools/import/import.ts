import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ApiError, connect } from './api.ts';
import { importFolder } from './folder.ts';

const USAGE = `usage: npm run import -- FOLDER [--match GLOB] [--limit N]

Imports a folder of Markdown files as posts. Run again, it goes on where it stopped: a file is known by its path.
  BROADSHEET_URL      the graph (http://127.0.0.1:4000/graphql)
  IMPORT_IDENTIFIER   an administrator's username or address (admin)
  IMPORT_PASSWORD     their password (in development, what npm start keeps in the data folder)`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { match: { type: 'string', default: '**/*.{md,markdown}' }, limit: { type: 'string' } },
  });
  const [folder] = positionals;
  const limit = values.limit === undefined ? Infinity : Number(values.limit);
  if (!folder || positionals.length > 1 || !(limit > 0)) throw new Error(USAGE);
  const api = await connect(process.env['BROADSHEET_URL'] ?? 'http://127.0.0.1:4000/graphql', account());
  const summary = await importFolder(api, {
    folder,
    match: values.match,
    limit,
    report: (line) => process.stderr.write(`${line}\n`),
  });
  for (const { path, reason } of summary.refused) process.stdout.write(`refused ${path}: ${reason}\n`);
  process.stdout.write(
    `${summary.imported} imported, ${summary.known} known already, ${summary.refused.length} refused\n`,
  );
  return summary.stopped ? 1 : 0;
}

function account() {
  const file = join(process.env['DATA_DIR'] ?? '.data', 'admin-password');
  const password = process.env['IMPORT_PASSWORD'] ?? (existsSync(file) ? readFileSync(file, 'utf8').trim() : null);
  if (!password) throw new Error(`set IMPORT_PASSWORD: there is no ${file}`);
  return { identifier: process.env['IMPORT_IDENTIFIER'] ?? 'admin', password };
}

await main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof ApiError || error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
