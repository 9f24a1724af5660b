import { createHmac, randomBytes } from 'node:crypto';
import { addressKey } from 'kit/address';
import type { Context, Services } from 'kit/context';
import { sql } from 'kit/database';

/** The one key that stays: a person is the same viewer tomorrow. Others are named by their day. */
const PERSONS = 'persons';
/** A process that runs over midnight keeps the persons' key, today's and yesterday's. */
const KEPT_KEYS = 3;

const known = new WeakMap<Services, Map<string, Buffer>>();

/**
 * 32 bytes that are equal for one viewer and of no use to find out who it was. Those not signed in are told apart by address
 * and user agent under a key that is thrown away after its day, so that nobody, we included, can follow them over days.
 */
export async function viewerHash(ctx: Context): Promise<Buffer> {
  const { userId } = ctx.viewer;
  if (userId !== null) return digest(await keyOf(ctx, PERSONS), userId);
  return digest(await keyOf(ctx, today()), JSON.stringify([ctx.client.address, ctx.client.userAgent]));
}

/** What the limit counts by: the person, or the address whatever user agent it claims. */
export async function limitKey(ctx: Context): Promise<string> {
  return ctx.viewer.userId ?? digest(await keyOf(ctx, today()), addressKey(ctx.client.address)).toString('base64url');
}

/** An idempotency key as this viewer's own: two who are not signed in must not share one. */
export const ownKey = (viewer: Buffer, key: string): string => digest(viewer, key).toString('base64url');

/** Forgets the keys of past days, and with them what nothing can ever equal again. */
export async function forgetPastViewers(ctx: Context): Promise<void> {
  await ctx.change(async (tx) => {
    await tx.rows(sql`delete from viewer_key where name <> ${PERSONS} and name < ${dayOf(Date.now() - DAY_MS)}`);
    await tx.rows(sql`delete from post_viewer where not is_person and counted_at < now() - interval '2 days'`);
  });
}

const DAY_MS = 86_400_000;
const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);
const today = (): string => dayOf(Date.now());
const digest = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** All processes use one key: whoever needs it first makes it. */
async function keyOf(ctx: Context, name: string): Promise<Buffer> {
  const keys = known.get(ctx.services) ?? new Map<string, Buffer>();
  known.set(ctx.services, keys);
  const held = keys.get(name);
  if (held) return held;
  const [row] = await ctx.rows<{ secret: Buffer }>(sql`
    insert into viewer_key (name, secret) values (${name}, ${randomBytes(32)})
    on conflict (name) do update set name = excluded.name returning secret`);
  if (!row) throw new Error('the key of viewers was not made');
  if (keys.size >= KEPT_KEYS) keys.clear();
  keys.set(name, row.secret);
  return row.secret;
}
