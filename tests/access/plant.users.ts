import type { Client } from 'pg';
import { bytes, jsonOf, word } from './canaries.ts';

/** Somebody whom nobody is: with a session, a key, mails and all else that a person may have. */
export async function plantInUsers(client: Client): Promise<void> {
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
