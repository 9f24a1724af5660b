import { createHash } from 'node:crypto';
import { Client } from 'pg';
import { createLogger } from '../logger.ts';
import { openDatabase } from '../database.ts';
import type { SubgraphDefinition } from '../subgraph.ts';
import { testEngines } from './engines.ts';

async function asSuperuser<Result>(work: (client: Client) => Promise<Result>): Promise<Result> {
  const client = new Client({ connectionString: testEngines().postgresUrl });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

function urlOf(database: string): string {
  const url = new URL(testEngines().postgresUrl);
  url.pathname = `/${database}`;
  return url.toString();
}

const TEMPLATE_LOCK = 7_130_599;

/** A database of its own for one test file: a copy of a template that is migrated once per run. */
export async function cloneDatabase(
  definition: SubgraphDefinition,
): Promise<{ url: string; drop: () => Promise<void> }> {
  const fingerprint = createHash('sha1')
    .update(definition.migrations.map((one) => one.name + String(one.class)).join())
    .digest('hex');
  const template = `template_${definition.name}_${fingerprint.slice(0, 8)}`;
  const name = `test_${definition.name}_${crypto.randomUUID().slice(0, 8)}`;
  await asSuperuser(async (client) => {
    // Held over both steps: a template with a connection open cannot be copied.
    await client.query('select pg_advisory_lock($1)', [TEMPLATE_LOCK]);
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [template]);
    if (rowCount === 0) await makeTemplate(client, template, definition);
    await client.query(`create database "${name}" template "${template}"`);
    await client.query('select pg_advisory_unlock($1)', [TEMPLATE_LOCK]);
  });
  return {
    url: urlOf(name),
    drop: () => asSuperuser(async (client) => void (await client.query(`drop database "${name}" with (force)`))),
  };
}

async function makeTemplate(client: Client, template: string, definition: SubgraphDefinition): Promise<void> {
  const unfinished = `${template}_unfinished`;
  await client.query(`drop database if exists "${unfinished}"`);
  await client.query(`create database "${unfinished}"`);
  const database = await openDatabase({
    url: urlOf(unfinished),
    entities: definition.features.flatMap((feature) => feature.entities),
    migrations: definition.migrations,
    poolSize: 2,
    idleSeconds: 10,
    statementTimeoutSeconds: 30,
    keepsStatements: true,
    log: createLogger('template', 'warn'),
  });
  await database.pool.query('create extension if not exists pg_trgm; create extension if not exists unaccent');
  await database.migrate().finally(database.close);
  await client.query(`alter database "${unfinished}" rename to "${template}"`);
}
