import type { Change, Context } from 'kit/context';
import { sql } from 'kit/database';
import { CodedError, notFound } from 'kit/errors';
import { checkId, type Id, newId, toUuid, toUuids } from 'kit/ids';
import { checkInput } from 'kit/input';
import { recordAct } from '../audit/audit.actions.ts';
import { settingsOf } from '../config.ts';
import { apiKeyColumns, type ApiKeyRow, toApiKey } from './apikey.loaders.ts';
import { hashOfKey, newSecret } from './apikey.secret.ts';
import { isForRole, isScope } from './apikey.scopes.ts';

export interface CreateApiKeyInput {
  readonly name: string;
  readonly scopes: readonly string[];
  readonly expiresAt?: Date | null;
}

interface WithSecret {
  readonly apiKey: ApiKeyRow;
  /** Shown once. */
  readonly secret: string;
}

const MAX_DAYS = 365;
const DAY_MS = 86_400_000;

/** The secret is in the answer and nowhere else. */
export async function createApiKey(ctx: Context, input: CreateApiKeyInput): Promise<WithSecret> {
  const userId = ctx.viewer.userId ?? notFound('User', '');
  const { name, scopes, expiresAt } = checkInput((check) => {
    const asked = [...new Set(input.scopes)].sort();
    const last = new Date(Date.now() + MAX_DAYS * DAY_MS);
    const ends = input.expiresAt ?? last;
    check.that('scopes', asked.length > 0, 'A key is good for something: name its scopes.');
    for (const scope of asked.slice(0, 100)) {
      check.that('scopes', isScope(scope), `There is no scope ${JSON.stringify(scope.slice(0, 40))}.`);
      check.that(
        'scopes',
        !isScope(scope) || isForRole(scope, ctx.viewer.role),
        `You may not give the scope ${scope}.`,
        'FORBIDDEN',
      );
    }
    check.that(
      'expiresAt',
      ends > new Date() && ends <= last,
      `expiresAt is in the future, and within ${MAX_DAYS} days.`,
    );
    return { name: check.text('name', input.name, { min: 1, max: 80 }), scopes: asked, expiresAt: ends };
  });
  const limit = { name: 'API keys', points: settingsOf(ctx).LIMIT_API_KEYS_PER_DAY, durationSeconds: 86_400 };
  await ctx.services.limiter.take(limit, userId);
  const id = newId('apikey');
  const secret = newSecret(id);
  const apiKey = await ctx.change(async (tx) => {
    await checkNumber(tx, userId);
    const [row] = await tx.rows<ApiKeyRow>(sql`
      insert into api_key as k (id, user_id, name, scopes, hash, expires_at)
      values (${toUuid(id)}, ${toUuid(userId)}, ${name}, ${scopes}::text[], ${hashOfKey(secret)}, ${expiresAt})
      returning ${apiKeyColumns}`);
    recordAct(tx, { action: 'apiKey.create', subjectId: id, reason: scopes.join(' ') });
    return toApiKey(row ?? notFound('ApiKey', id));
  });
  return { apiKey, secret };
}

/** Two at once wait for each other at the owner's row, so that together they make no more than one may have. */
async function checkNumber(tx: Change, userId: Id): Promise<void> {
  await tx.rows(sql`select 1 from "user" where id = ${toUuid(userId)} for no key update`);
  const most = settingsOf(tx).LIMIT_API_KEYS;
  const [alive] = await tx.rows<{ count: number }>(sql`
    select count(*)::int as count from api_key
    where user_id = ${toUuid(userId)} and revoked_at is null and expires_at > now()`);
  if ((alive?.count ?? 0) >= most) {
    throw new CodedError('CONFLICT', `You have ${most} keys, as many as one may: revoke one first.`);
  }
}

export interface ApiKeyInput {
  readonly id: Id;
}

/** The secret before stays good for a day, so that programs can be changed one by one. */
export async function rotateApiKey(ctx: Context, { id }: ApiKeyInput): Promise<WithSecret> {
  const secret = newSecret(checkId('apikey', id));
  const apiKey = await ctx.change(async (tx) => {
    const row = await changeOwn(
      tx,
      id,
      sql`
      previous_hash = hash, previous_until = now() + interval '24 hours', hash = ${hashOfKey(secret)},
      rotated_at = now(), reminded_at = null`,
    );
    recordAct(tx, { action: 'apiKey.rotate', subjectId: id });
    return row;
  });
  return { apiKey, secret };
}

/** Revoking twice is revoking once. */
export async function revokeApiKey(ctx: Context, { id }: ApiKeyInput): Promise<ApiKeyRow> {
  checkId('apikey', id);
  return ctx.change(async (tx) => {
    const [ended] = await tx.rows<ApiKeyRow>(sql`
      select ${apiKeyColumns} from api_key k where ${own(tx, id)} and k.revoked_at is not null`);
    if (ended) return toApiKey(ended);
    const row = await changeOwn(tx, id, sql`revoked_at = now(), previous_hash = null, previous_until = null`);
    recordAct(tx, { action: 'apiKey.revoke', subjectId: id });
    return row;
  });
}

const own = (ctx: Context, id: Id) =>
  sql`k.id = ${toUuid(id)} and k.user_id = ${toUuid(ctx.viewer.userId ?? notFound('ApiKey', id))}`;

/** Another's key, and one that has ended, are not there. */
async function changeOwn(tx: Change, id: Id, changes: ReturnType<typeof sql>): Promise<ApiKeyRow> {
  const [row] = await tx.rows<ApiKeyRow>(sql`
    update api_key k set ${changes}
    where ${own(tx, id)} and k.revoked_at is null and k.expires_at > now() returning ${apiKeyColumns}`);
  return row ? toApiKey(row) : notFound('ApiKey', id, ['id']);
}

export interface ApiKeyUses {
  readonly id: Id;
  readonly count: number;
}

const MAX_COUNTED = 1_000_000;

/** What gateways have counted in the last seconds, added up in one statement. Locks in the order of ids. */
export async function noteApiKeyUses(ctx: Context, uses: readonly ApiKeyUses[]): Promise<void> {
  const sane = uses.filter(({ count }) => count > 0 && count <= MAX_COUNTED);
  if (sane.length === 0) return;
  await ctx.rows(sql`
    with counted as (
      select id, sum(count)::bigint as count
      from unnest(${toUuids(sane.map(({ id }) => checkId('apikey', id)))}::uuid[], ${sane.map(({ count }) => count)}::int[]) as t (id, count)
      group by id),
    locked as (select k.id, counted.count from api_key k join counted using (id) order by k.id for no key update of k)
    update api_key k set uses_count = k.uses_count + locked.count, last_used_at = now() from locked where k.id = locked.id`);
}
