import type { Context } from 'kit/context';
import { sql } from 'kit/database';
import { type Id, rowMapper, toUuid } from 'kit/ids';
import { defineLoader } from 'kit/loaders';
import { isSuspended } from '../role/role.loaders.ts';
import { isUnverified } from '../user/user.access.ts';
import { effectiveScopes, roleOfKey } from './apikey.scopes.ts';

export interface ApiKeyRow {
  id: Id;
  name: string;
  scopes: string[];
  createdAt: Date;
  rotatedAt: Date;
  expiresAt: Date;
  previousUntil: Date | null;
  revokedAt: Date | null;
  lastUsedAt: Date | null;
  usesCount: number;
}

export const toApiKey = rowMapper<ApiKeyRow>({ id: 'apikey' });

export const apiKeyColumns = sql`k.id, k.name, k.scopes, k.created_at as "createdAt", k.rotated_at as "rotatedAt",
  k.expires_at as "expiresAt", case when k.previous_until > now() then k.previous_until end as "previousUntil",
  k.revoked_at as "revokedAt", k.last_used_at as "lastUsedAt", least(k.uses_count, 2147483647)::int as "usesCount"`;

/** A key nobody has anything to do with any more is not shown for ever. */
const SHOWN = sql`interval '90 days'`;

/** At most LIMIT_API_KEYS are alive, and so many are made in a day. */
export async function apiKeysOfViewer(ctx: Context): Promise<ApiKeyRow[]> {
  if (ctx.viewer.userId === null) return [];
  const rows = await ctx.rows<ApiKeyRow>(sql`
    select ${apiKeyColumns} from api_key k
    where k.user_id = ${toUuid(ctx.viewer.userId)} and least(k.expires_at, k.revoked_at) > now() - ${SHOWN}
    order by k.id desc`);
  return rows.map(toApiKey);
}

export interface ApiKeyState {
  readonly id: Id;
  readonly userId: Id;
  readonly role: string;
  readonly scopes: readonly string[];
  readonly isUnverified: boolean;
}

interface StateRow extends ApiKeyState {
  readonly hash: Buffer;
  /** While it is good too. */
  readonly previous: Buffer | null;
}

/** Keys that are good, by the SHA-256 of the whole key in base64url, with what they may do as their owner is now. */
export const apiKeyStateByHash = defineLoader<string, ApiKeyState | null>(async (ctx, hashes) => {
  const asked = hashes.map((hash) => Buffer.from(hash, 'base64url'));
  const rows = await ctx.rows<StateRow>(sql`
    select k.id, k.user_id as "userId", u.role, k.scopes, k.hash, ${isUnverified(ctx)} as "isUnverified",
      case when k.previous_until > now() then k.previous_hash end as previous
    from api_key k join "user" u on u.id = k.user_id
    where (k.hash = any(${asked}::bytea[]) or (k.previous_hash = any(${asked}::bytea[]) and k.previous_until > now()))
      and k.revoked_at is null and k.expires_at > now() and u.deleted_at is null and u.closing_at is null
      and not ${isSuspended()}`);
  const found = new Map<string, ApiKeyState>();
  for (const { hash, previous, ...row } of rows) {
    const { scopes: granted, role, ...rest } = toState(row);
    const scopes = effectiveScopes(granted, role);
    const state = { ...rest, scopes, role: roleOfKey(scopes, role) };
    for (const one of [hash, previous]) if (one) found.set(one.toString('base64url'), state);
  }
  return hashes.map((hash) => found.get(hash) ?? null);
});

const toState = rowMapper<ApiKeyState>({ id: 'apikey', userId: 'user' });
