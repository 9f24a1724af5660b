import { MikroORM, type MikroORM as Orm, Type, type EntitySchema } from '@mikro-orm/core';
import { Migrator, type Migration } from '@mikro-orm/migrations';
import { PostgreSqlDriver, type SqlEntityManager } from '@mikro-orm/postgresql';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import { type Pool, TypeOverrides, types } from 'pg';
import { fromUuid, type Id, toUuid } from './ids.ts';
import type { Logger } from './logger.ts';
import { createStatementNames, prepareClient, UNHURRIED } from './statements.ts';

export { sql };
export type { RawBuilder, SqlEntityManager };

/** A connection pool or an open transaction: where statements run. */
export type Connection = Kysely<unknown>;

/** Runs a statement and answers its rows. Columns are aliased to camelCase in the SQL itself: what is written is what comes. */
export async function rowsOf<Row>(connection: Connection, statement: RawBuilder<Row>): Promise<Row[]> {
  return (await statement.execute(connection)).rows;
}

/** An entity's property that is a TypeID in code and a `uuid` in its column. */
export class TypeId extends Type<Id, string> {
  readonly kind: string;

  constructor(kind: string) {
    super();
    this.kind = kind;
  }

  override convertToDatabaseValue(id: Id): string {
    return id && toUuid(id);
  }

  override convertToJSValue(uuid: string): Id {
    return uuid && fromUuid(this.kind, uuid);
  }

  override getColumnType(): string {
    return 'uuid';
  }

  override compareAsType(): string {
    return 'string';
  }
}

export interface DatabaseOptions {
  readonly url: string;
  readonly entities: readonly EntitySchema[];
  readonly migrations: readonly NamedMigration[];
  readonly poolSize: number;
  /** How long a connection that nobody uses is kept. */
  readonly idleSeconds: number;
  readonly statementTimeoutSeconds: number;
  readonly keepsStatements: boolean;
  readonly log: Logger;
}

/** A migration and the name it is remembered by. Names on main never change. */
export interface NamedMigration {
  readonly name: string;
  readonly class: new (...args: ConstructorParameters<typeof Migration>) => Migration;
}

export interface Database {
  readonly orm: Orm;
  readonly pool: Pool;
  /** The pool as a connection: every statement outside a transaction. */
  readonly connection: Connection;
  readonly migrate: () => Promise<void>;
  readonly close: () => Promise<void>;
}

const TIMESTAMPTZ = 1184;
const TIMESTAMP = 1114;
const INT8 = 20;

function typeParsers(): TypeOverrides {
  const overrides = new TypeOverrides(types);
  for (const oid of [TIMESTAMPTZ, TIMESTAMP]) overrides.setTypeParser(oid, (text: string) => new Date(text));
  // Counters and sequence positions: exact up to 2^53, which a counter of people never reaches.
  overrides.setTypeParser(INT8, Number);
  return overrides;
}

/**
 * How much later than the database itself we give up a statement, and a connection that is being made: a server that has gone
 * without a word (a failover, a cut cable) would else hold all connections for a quarter of an hour, until the system gives
 * them up.
 */
const SILENCE_MS = 5000;

/** Opens one pool to one database, shared by MikroORM, kysely and jobs. Throws when the address does not answer. */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  let pool: Pool | undefined;
  const patienceMs = options.statementTimeoutSeconds * 1000 + SILENCE_MS;
  const names = options.keepsStatements ? createStatementNames() : null;
  const orm = await MikroORM.init<PostgreSqlDriver>({
    driver: PostgreSqlDriver,
    clientUrl: options.url,
    entities: [...options.entities],
    // A mistyped name must not become a new, empty database.
    ensureDatabase: false,
    discovery: { warnWhenNoEntities: false },
    extensions: [Migrator],
    migrations: {
      migrationsList: [...options.migrations],
      tableName: 'migration',
      snapshot: false,
      transactional: true,
      silent: true,
    },
    pool: { max: options.poolSize, idleTimeoutMillis: options.idleSeconds * 1000 },
    driverOptions: {
      types: typeParsers(),
      statement_timeout: options.statementTimeoutSeconds * 1000,
      query_timeout: patienceMs,
      connectionTimeoutMillis: patienceMs,
      application_name: 'broadsheet',
      // What stands between may forget a connection that says nothing.
      keepAlive: true,
      keepAliveInitialDelayMillis: 30_000,
      // Statements are sent when they are asked for, not when the one before is answered.
      pipeline: true,
      onPoolCreated: (created: Pool) => {
        pool = created;
        created.on('connect', (client) => prepareClient(client, names));
      },
    },
    logger: (message) => options.log.debug(message),
  });
  const connection = (orm.em as SqlEntityManager).getKysely<unknown>();
  if (!pool) throw new Error('the driver made no pool');
  const database: Database = {
    orm: orm,
    pool,
    connection,
    migrate: () => migrate(orm, options.migrations),
    close: () => orm.close(true),
  };
  return database;
}

const MIGRATION_LOCK = 7_130_514;

/**
 * All in one transaction with the advisory lock (a pooler in transaction mode keeps it): the second of two starters waits for
 * the first, however long that takes, and what fails leaves the database as it was.
 */
async function migrate(orm: MikroORM<PostgreSqlDriver>, known: readonly NamedMigration[]): Promise<void> {
  await orm.em.fork().transactional(async (em) => {
    const connection = em.getKysely<unknown>();
    await rowsOf(connection, sql.raw(UNHURRIED));
    await rowsOf(connection, sql`select pg_advisory_xact_lock(${MIGRATION_LOCK})`);
    await refuseNewerData(connection, known);
    const transaction = em.getTransactionContext<Connection>();
    if (!transaction) throw new Error('migrations run in a transaction');
    await orm.migrator.up({ transaction });
  });
}

/** A database that has run migrations this version does not know belongs to a newer version: touching it could lose data. */
async function refuseNewerData(connection: Connection, known: readonly NamedMigration[]): Promise<void> {
  const [table] = await rowsOf<{ name: string | null }>(connection, sql`select to_regclass('migration')::text as name`);
  if (!table?.name) return;
  const run = await rowsOf<{ name: string }>(connection, sql`select name from migration`);
  const names = new Set(known.map((migration) => migration.name));
  const unknown = run.filter((row) => !names.has(row.name));
  if (unknown.length > 0) {
    throw new Error(
      `this database was made by a newer version of Broadsheet (it has run ${unknown.map((row) => row.name).join(', ')}); ` +
        'start that version, or restore an older backup',
    );
  }
}
