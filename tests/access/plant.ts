import { Client } from 'pg';
import { newId, toUuid } from 'kit/ids';
import { bytes, jsonOf, MARK, word, writtenAs } from './canaries.ts';
import { plantInUsers } from './plant.users.ts';

type Urls = Readonly<Record<string, string>>;

/** Opens one subgraph's database for as long as `work` takes. */
export async function inDatabase<Result>(
  connectionString: string,
  work: (client: Client) => Promise<Result>,
): Promise<Result> {
  const client = new Client({ connectionString });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Canaries where no mutation leads: rows of their own, beside those that the graph lives on. */
export async function plant(urls: Urls, postId: string, authorId: string): Promise<void> {
  for (const url of Object.values(urls)) await inDatabase(url, plantInKit);
  await inDatabase(urls['users'] ?? '', plantInUsers);
  await inDatabase(urls['content'] ?? '', (client) => plantInContent(client, postId, authorId));
  await inDatabase(urls['insights'] ?? '', (client) => plantInInsights(client, postId));
  await inDatabase(urls['search'] ?? '', (client) =>
    client.query('insert into forgotten_word (word) values ($1)', [word('forgottenWord')]),
  );
}

async function plantInKit(client: Client): Promise<void> {
  // As if sent and confirmed: the relay leaves it alone.
  await client.query(
    `insert into outbox (id, type, version, aggregate_id, payload, actor_id, request_id, sent_at, awaiting)
     values (gen_random_uuid(), 'planted', 1, $1, $2, $3, $4, now(), '{}')`,
    [word('outboxAggregate'), jsonOf('outboxPayload'), word('outboxActor'), word('outboxRequest')],
  );
  await client.query(
    `insert into dead_letter (event_id, producer, envelope, error, attempts) values (gen_random_uuid(), 'planted', $1, $2, 5)`,
    [jsonOf('letterEnvelope'), word('letterError')],
  );
  await client.query(
    `insert into idempotency (actor_id, operation, key, request_hash, answer) values ($1, 'planted', $2, $3, $4)`,
    [word('idempotencyActor'), word('idempotencyKey'), word('idempotencyHash'), jsonOf('idempotencyAnswer')],
  );
  const { rows: queues } = await client.query<{ found: boolean }>(`select to_regclass('job.job') is not null as found`);
  if (!queues[0]?.found) return;
  await client.query(
    `insert into job.job (name, state, data, output) select name, 'completed', $1, $2 from job.queue limit 1`,
    [jsonOf('jobInput'), jsonOf('jobOutput')],
  );
}

async function plantInContent(client: Client, postId: string, authorId: string): Promise<void> {
  await client.query('update post set imported_from = $1 where id = $2', [word('importedFrom'), toUuid(postId)]);
  await client.query('insert into post_import (author_id, imported_from, post_id) values ($1, $2, $3)', [
    toUuid(authorId),
    word('importedFrom'),
    toUuid(postId),
  ]);
}

async function plantInInsights(client: Client, postId: string): Promise<void> {
  const post = toUuid(postId);
  await client.query(
    `insert into tracked_event (id, post_id, kind, viewer, tracked_at) values ($1, $2, 'SHARE', $3, now())`,
    [toUuid(newId('event')), post, bytes('trackedViewer')],
  );
  await client.query('insert into post_viewer (post_id, viewer, is_person, counted_at) values ($1, $2, true, now())', [
    post,
    bytes('countedViewer'),
  ]);
  // As `seal` keeps what is about nobody.
  const unsealed = (text: string): Buffer => Buffer.concat([Buffer.from([0]), Buffer.from(text)]);
  await client.query(
    `insert into audit_entry (id, occurred_at, action, via, origin, reason) values ($1, now(), 'planted', 'system', $2, $3)`,
    [toUuid(newId('act')), unsealed(JSON.stringify([word('auditOrigin'), ''])), unsealed(word('auditReason'))],
  );
  await client.query(
    `insert into audit_person (user_id, person_key, secret) values (gen_random_uuid(), 'planted', $1)`,
    [bytes('auditSecret')],
  );
  await client.query(`insert into viewer_key (name, secret) values ('planted', $1)`, [bytes('viewerSecret')]);
}

export interface Column {
  readonly subgraph: string;
  readonly schema: string;
  readonly table: string;
  readonly column: string;
  readonly type: string;
}

const TEXT_LIKE = [
  'text',
  'character varying',
  'character',
  'name',
  'json',
  'jsonb',
  'bytea',
  'ARRAY',
  'tsvector',
  'xml',
  'hstore',
  'USER-DEFINED',
  ...['inet', 'cidr', 'macaddr', 'macaddr8', 'date', 'point'],
];

/** Every column of every database that can hold words, bytes, addresses, places or birthdays; of partitioned tables the parent. */
export async function textColumns(urls: Urls): Promise<Column[]> {
  const perSubgraph = Object.entries(urls).map(([subgraph, url]) =>
    inDatabase(url, async (client) => {
      const { rows } = await client.query<Omit<Column, 'subgraph'>>(
        `select c.table_schema as schema, c.table_name as table, c.column_name as column, c.data_type as type
         from information_schema.columns c
         join pg_class k on k.relname = c.table_name and k.relnamespace = c.table_schema::regnamespace
         where c.table_schema not in ('pg_catalog', 'information_schema') and k.relkind in ('r', 'p') and not k.relispartition
           and c.data_type = any($1) and c.udt_name not in ('_uuid', '_int4', '_int8')
         order by 1, 2, 3`,
        [TEXT_LIKE],
      );
      return rows.map((row) => ({ subgraph, ...row }));
    }),
  );
  return (await Promise.all(perSubgraph)).flat();
}

/** Those of the columns that no canary is in. */
export async function withoutCanary(urls: Urls, columns: readonly Column[]): Promise<Column[]> {
  const bare: Column[] = [];
  for (const [subgraph, url] of Object.entries(urls)) {
    await inDatabase(url, async (client) => {
      for (const one of columns.filter((column) => column.subgraph === subgraph)) {
        const written = one.type === 'bytea' ? `encode("${one.column}", 'escape')` : `"${one.column}"::text`;
        const { rowCount } = await client.query(
          `select 1 from "${one.schema}"."${one.table}" where ${written} like $1 limit 1`,
          [`%${MARK}%`],
        );
        if (rowCount === 0) bare.push(one);
      }
    });
  }
  return bare;
}

/** Secrets that the graph itself made, and the canaries in columns of bytes, as an answer might write them. */
export async function secretsOf(urls: Urls): Promise<Map<string, string>> {
  const secrets = new Map<string, string>();
  const keep = (name: string, values: readonly (string | null)[]): void => {
    for (const value of values) if (value) secrets.set(value, name);
  };
  await inDatabase(urls['users'] ?? '', async (client) => {
    const { rows: people } = await client.query<{ hash: string }>('select password_hash as hash from "user"');
    keep(
      'a password hash',
      people.map(({ hash }) => hash),
    );
    const { rows: keys } = await client.query<{ secret: { d?: string; value?: string } }>('select secret from key');
    keep(
      'a key',
      keys.flatMap(({ secret }) => [secret.d ?? null, secret.value ?? null]),
    );
    const { rows: sessions } = await client.query<{ hash: Buffer }>(
      'select current_hash as hash from session union select previous_hash from session where previous_hash is not null',
    );
    const { rows: apiKeys } = await client.query<{ hash: Buffer }>(
      'select hash from api_key union select previous_hash from api_key where previous_hash is not null',
    );
    keep(
      'the hash of an API key',
      apiKeys.flatMap(({ hash }) => writtenAs(hash)),
    );
    const { rows: tokens } = await client.query<{ hash: Buffer }>('select hash from token');
    keep(
      'the hash of a token',
      tokens.flatMap(({ hash }) => writtenAs(hash)),
    );
    keep(
      'a session hash',
      sessions.flatMap(({ hash }) => writtenAs(hash)),
    );
  });
  await inDatabase(urls['insights'] ?? '', async (client) => {
    const { rows } = await client.query<{ hash: Buffer }>(
      'select viewer as hash from tracked_event union select viewer from post_viewer union select secret from viewer_key union select secret from audit_person',
    );
    keep(
      'a tracked viewer or their key',
      rows.flatMap(({ hash }) => writtenAs(hash)),
    );
  });
  return secrets;
}
