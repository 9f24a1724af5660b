import type { Change } from 'kit/context';
import { type RawBuilder, sql } from 'kit/database';
import { fromUuid } from 'kit/ids';
import type { Person, Step } from 'kit/rights/rights';
import { scrubKeys, scrubStream } from 'kit/rights/rights.scrub';
import { dissolveFollows } from '../follow/follow.actions.ts';
import { foldUsername } from '../username.ts';

const FOLLOWS = 50;
const ROWS = 1000;

const changedRows = async (tx: Change, statement: RawBuilder<unknown>): Promise<number> =>
  (await tx.rows(statement)).length;

/** Others' numbers fall with them. In the order of ids, as all who act on two people lock them. */
async function endFollows(tx: Change, person: Person): Promise<number> {
  const some = sql`limit ${sql.lit(FOLLOWS)}`;
  // Any of those that are left: to find the first ones all would be read, in each batch.
  const others = await tx.rows<{ uuid: string }>(sql`
    (select followed_id as uuid from follow where follower_id = ${person.uuid} ${some})
    union (select follower_id from follow where followed_id = ${person.uuid} ${some})
    order by uuid ${some}`);
  for (const { uuid } of others) await dissolveFollows(tx, person.id, fromUuid('user', uuid));
  return others.length;
}

interface Reference {
  readonly table: string;
  readonly column: string;
}

/**
 * Every table that names people by a foreign key, whoever adds one later: sessions, keys, second factors, sign-ins, tokens,
 * mails, blocks, mutes, preferences, archives. With ERASE they would go with the person's own row; they must not wait for it.
 */
async function emptyTables(tx: Change, { uuid }: Person): Promise<number> {
  const references = await tx.rows<Reference>(sql`
    select c.relname as table, a.attname as column
    from pg_constraint k
      join pg_class c on c.oid = k.conrelid
      join pg_attribute a on a.attrelid = k.conrelid and a.attnum = k.conkey[1]
    where k.contype = 'f' and k.confrelid = '"user"'::regclass and c.relname <> 'follow' and not c.relispartition
    order by c.relname, a.attname`);
  let count = 0;
  for (const { table, column } of references) {
    count += await changedRows(
      tx,
      sql`delete from ${sql.table(table)} where ctid in (
        select ctid from ${sql.table(table)} where ${sql.ref(column)} = ${uuid} limit ${sql.lit(ROWS)}) returning 1`,
    );
  }
  return count;
}

interface Known {
  readonly address: string;
  readonly username: string;
}

/** By what they were called, which only the deletion still knows. */
async function knownAs(tx: Change, { uuid }: Person): Promise<Known | null> {
  const [known] = await tx.rows<Known>(sql`
    select coalesce(address, '') as address, coalesce(username, '') as username from deletion where user_id = ${uuid}`);
  return known && known.address !== '' ? known : null;
}

const containing = (text: string): string => `%${text.replace(/[\\%_]/g, '\\$&')}%`;

/** Mails to an address without an account in their row, and what development keeps of any. */
async function forgetMails(tx: Change, person: Person): Promise<number> {
  const known = await knownAs(tx, person);
  const names = [person.id, ...(known ? [known.address] : [])].map(containing);
  const identifiers = known ? [known.address, known.username].map((name) => name.toLowerCase()) : [];
  const queued = await changedRows(
    tx,
    sql`delete from mail where effect_key ilike any (${names}::text[]) or address ilike any (${names}::text[])
        or data::text ilike any (${names}::text[]) or lower(data->>'identifier') = any(${identifiers}::text[]) returning 1`,
  );
  if (!known) return queued;
  const kept = await changedRows(
    tx,
    sql`
    delete from mailbox where lower(address) = lower(${known.address}) or text ilike ${containing(known.address)} returning 1`,
  );
  return queued + kept;
}

export const erasure: readonly Step[] = [
  { name: 'follows', run: endFollows },
  { name: 'sessions, keys, sign-ins, settings and their like', run: emptyTables },
  { name: 'mails', run: forgetMails },
];

/** Where gateways tell each other whose answers are out of date; they have read it long ago. */
const GATEWAYS = 'gateway:invalidations';

/** Limits of signing in count by what was typed, after an address and a bar; who is there is known by Redis. */
async function forgetNames(tx: Change, person: Person): Promise<number> {
  const known = await knownAs(tx, person);
  const names = known ? [known.address.toLowerCase(), foldUsername(known.username)] : [];
  const { redis } = tx.services;
  const keys =
    (await scrubKeys(
      redis,
      'limit:sign-in:',
      names.map((name) => `|${name}`),
    )) + (await scrubKeys(redis, '', [person.id]));
  return keys + (await scrubStream(redis, GATEWAYS, [person.id]));
}

/** With ERASE nothing of the account stays; made anonymous, its row is what others still read posts and comments by. */
async function removeAccount(tx: Change, { uuid, mode }: Person): Promise<number> {
  if (mode !== 'ERASE') return 0;
  return changedRows(tx, sql`delete from "user" where id = ${uuid} and deleted_at is not null returning 1`);
}

export const sweep: readonly Step[] = [
  // Once more: what was queued or counted while the others were at it.
  ...erasure,
  { name: 'keys in Redis', run: forgetNames },
  { name: 'account', run: removeAccount },
];
