import { Client } from 'pg';
import { newId, toUuid } from 'kit/ids';
import { type Canary, MARK, word, writtenAs } from './canaries.ts';

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

const bytes = (canary: Canary): Buffer => Buffer.from(word(canary));
const jsonOf = (canary: Canary): string => JSON.stringify({ note: word(canary) });

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

async function plantInUsers(client: Client): Promise<void> {
  const { rows } = await client.query<{ id: string }>(
    `insert into "user" (id, username, username_folded, username_skeleton, name, email, email_folded, password_hash, joined_at, updated_at)
     values (gen_random_uuid(), 'vault', 'vault', 'vault', 'A vault', $1, $1, $2, now(), now()) returning id`,
    [`${word('vaultEmail')}@example.org`, word('passwordHash')],
  );
  await client.query(
    `insert into session (id, user_id, current_hash, previous_hash, rotated_at, started_at, expires_at, user_agent, device, address, place)
     values (gen_random_uuid(), $1, $2, $3, now(), now(), now() + interval '1 day', $4, $5, $6, $7)`,
    [
      rows[0]?.id,
      bytes('currentSession'),
      bytes('previousSession'),
      word('userAgent'),
      word('sessionDevice'),
      word('sessionAddress'),
      jsonOf('sessionPlace'),
    ],
  );
  await plantInSignIns(client, rows[0]?.id);
  await client.query(
    `insert into api_key (id, user_id, name, scopes, hash, previous_hash, previous_until, expires_at)
     values (gen_random_uuid(), $1, $2, '{posts:read}', $3, $4, now() + interval '1 day', now() + interval '1 day')`,
    [rows[0]?.id, word('apiKeyName'), bytes('apiKeyHash'), bytes('apiKeyPrevious')],
  );
  await client.query('insert into suspension (user_id, reason) values ($1, $2)', [
    rows[0]?.id,
    word('suspensionReason'),
  ]);
  await plantInMails(client, rows[0]?.id);
  await plantInRights(client);
  await client.query(
    `insert into key (id, purpose, secret, created_at, signs_from) values ('planted', 'refresh-token', $1, '2001-01-01', '2001-01-01')`,
    [JSON.stringify({ value: word('signingKey') })],
  );
}

/** An archive for everybody; the author is about to go, and somebody else has almost gone. */
async function plantInRights(client: Client): Promise<void> {
  await client.query(
    `insert into data_export (id, user_id, status, ready_at, expires_at, size)
     select gen_random_uuid(), id, 'READY', now(), now() + interval '7 days', 1 from "user"`,
  );
  await client.query(
    `insert into data_export_part (export_id, subgraph, number, file, body) select id, 'users', 1, 'planted', $1 from data_export`,
    [word('exportPart')],
  );
  await client.query(`insert into data_export_chunk (export_id, number, bytes) select id, 0, $1 from data_export`, [
    bytes('exportChunk'),
  ]);
  await client.query(
    `insert into deletion (id, user_id, mode, receipt_hash, due_at)
     select gen_random_uuid(), id, 'ERASE', $1, now() + interval '14 days' from "user" where username = 'matrix-author'`,
    [bytes('receiptHash')],
  );
  await client.query(
    `with gone as (
       insert into deletion (id, user_id, mode, status, receipt_hash, username, address, due_at)
       values (gen_random_uuid(), gen_random_uuid(), 'ERASE', 'ERASING', sha256('receipt planted'), $1, $2, now()) returning id)
     insert into deletion_step (deletion_id, subgraph, phase, counts) select id, 'content', 'ERASE', '{"posts": 1}' from gone`,
    [word('leaverName'), word('leaverAddress')],
  );
}

async function plantInMails(client: Client, userId: string | undefined): Promise<void> {
  await client.query(
    `insert into token (hash, purpose, user_id, data, expires_at) values ($1, 'planted', $2, $3, now() + interval '1 day')`,
    [bytes('tokenHash'), userId, jsonOf('tokenData')],
  );
  await client.query('insert into email_change (user_id, change_id, new_email) values ($1, gen_random_uuid(), $2)', [
    userId,
    word('changedEmail'),
  ]);
  await client.query(
    `insert into mail (effect_key, template, address, data, state, address_hash) values ('planted', 'planted', $1, $2, 'dropped', $3)`,
    [word('mailAddress'), jsonOf('mailData'), bytes('mailAddressHash')],
  );
  await client.query(
    'insert into mailbox (id, address, subject, text, html) values (gen_random_uuid(), $1, $2, $3, $4)',
    [word('mailboxAddress'), word('mailboxSubject'), word('mailboxText'), word('mailboxHtml')],
  );
  await client.query('insert into mail_suppression (address_hash, reason) values ($1, $2)', [
    bytes('suppressedHash'),
    word('suppressedReason'),
  ]);
  await client.query('update mail_secret set secret = $1', [bytes('mailSecret')]);
}

async function plantInSignIns(client: Client, userId: string | undefined): Promise<void> {
  await client.query(
    `insert into second_factor (user_id, secret, key_id, confirmed_at)
     select $1, $2, id, now() from key where purpose = 'second-factor' limit 1`,
    [userId, bytes('factorSecret')],
  );
  await client.query('insert into recovery_code (user_id, code_hash) values ($1, $2)', [userId, bytes('recoveryHash')]);
  await client.query(
    `with tried as (
       insert into sign_in (id, user_id, outcome, device, user_agent, address, network, place)
       values (gen_random_uuid(), $1, 'CHALLENGED', $2, $3, $4, $5, $6) returning id)
     insert into sign_in_challenge (id, user_id, sign_in_id, secret_hash, needs, expires_at)
     select gen_random_uuid(), $1, id, $7, '{CODE}', now() + interval '1 hour' from tried`,
    [
      userId,
      word('signInDevice'),
      word('signInAgent'),
      word('signInAddress'),
      word('signInNetwork'),
      jsonOf('signInPlace'),
      bytes('challengeHash'),
    ],
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
];

/** Every column of every database that can hold words or bytes; of partitioned tables the parent. */
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
