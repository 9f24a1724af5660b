import pg from 'pg';
import { passwordOf, SUPERUSER, type Passwords } from './postgres-passwords.ts';

/** What the subgraphs' migrations may count on: trusted by PostgreSQL, but made by the superuser so that no migration has to. */
const EXTENSIONS = ['pg_trgm', 'unaccent'];
const validName = /^[a-z][a-z0-9_]{0,39}$/;

/** The address of a database on this machine, with the login of the same name. */
export function databaseUrl(login: string, passwords: Passwords, port: number): string {
  return `postgres://${login}:${passwordOf(passwords, login)}@127.0.0.1:${port}/${login}`;
}

/** Throws where a name cannot be both a login and a database. */
export function assertDatabaseNames(names: readonly string[]): void {
  const bad = names.find((name) => !validName.test(name) || name === SUPERUSER || name.startsWith('template'));
  if (bad !== undefined) throw new Error(`${JSON.stringify(bad)} cannot be the name of a database`);
}

/**
 * Makes each database that is missing, with a login that owns it and can connect to nothing else. Safe to run again at any
 * point where an earlier run was cut short.
 */
export async function provisionDatabases(names: readonly string[], passwords: Passwords, port: number): Promise<void> {
  const superUrl = databaseUrl(SUPERUSER, passwords, port);
  await withClient(superUrl, async (client) => {
    const shared = [SUPERUSER, 'template1'].map((name) => `REVOKE ALL ON DATABASE ${name} FROM PUBLIC`);
    await client.query(shared.join(';'));
    const logins = await namesIn(client, 'SELECT rolname AS name FROM pg_roles');
    const databases = await namesIn(client, 'SELECT datname AS name FROM pg_database');
    for (const name of names) {
      const password = client.escapeLiteral(passwordOf(passwords, name));
      if (!logins.has(name)) await client.query(`CREATE ROLE ${name} LOGIN PASSWORD ${password}`);
      if (!databases.has(name)) await client.query(`CREATE DATABASE ${name} OWNER ${name}`);
      await client.query(`REVOKE ALL ON DATABASE ${name} FROM PUBLIC`);
    }
  });
  await Promise.all(names.map((name) => addExtensions(superUrl, name)));
}

async function addExtensions(superUrl: string, database: string): Promise<void> {
  const url = new URL(superUrl);
  url.pathname = `/${database}`;
  await withClient(url.href, async (client) => {
    for (const extension of EXTENSIONS) await client.query(`CREATE EXTENSION IF NOT EXISTS ${extension}`);
  });
}

async function withClient(url: string, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  // A server that goes away in the middle fails the query as well; this only keeps it from ending the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await work(client);
  } finally {
    await client.end();
  }
}

async function namesIn(client: pg.Client, sql: string): Promise<Set<string>> {
  const { rows } = await client.query<{ name: string }>(sql);
  return new Set(rows.map(({ name }) => name));
}
