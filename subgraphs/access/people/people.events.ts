import type { Context } from 'kit/context';
import { sql } from 'kit/database';
import { id, on } from 'kit/events';
import { type Id, toUuid } from 'kit/ids';

interface Block {
  readonly blockerId: Id;
  readonly blockedId: Id;
}

interface Mute {
  readonly muterId: Id;
  readonly mutedId: Id;
}

/** Rows stay when a block is taken back: an event that comes late changes nothing. */
async function keepBlock(ctx: Context, { blockerId, blockedId }: Block, isOn: boolean, version: number): Promise<void> {
  await ctx.rows(sql`
    insert into person_block as b (blocker_id, blocked_id, is_blocked, version)
    values (${toUuid(blockerId)}, ${toUuid(blockedId)}, ${isOn}, ${version})
    on conflict (blocker_id, blocked_id) do update set is_blocked = excluded.is_blocked, version = excluded.version
    where b.version < excluded.version`);
}

async function keepMute(ctx: Context, { muterId, mutedId }: Mute, isOn: boolean, version: number): Promise<void> {
  await ctx.rows(sql`
    insert into person_mute as m (muter_id, muted_id, is_muted, version)
    values (${toUuid(muterId)}, ${toUuid(mutedId)}, ${isOn}, ${version})
    on conflict (muter_id, muted_id) do update set is_muted = excluded.is_muted, version = excluded.version
    where m.version < excluded.version`);
}

const block = { blockerId: id, blockedId: id };
const mute = { muterId: id, mutedId: id };

export const subscribers = [
  on('user.blocked', 1, block, (ctx, event, { aggregateVersion }) => keepBlock(ctx, event, true, aggregateVersion)),
  on('user.unblocked', 1, block, (ctx, event, { aggregateVersion }) => keepBlock(ctx, event, false, aggregateVersion)),
  on('user.muted', 1, mute, (ctx, event, { aggregateVersion }) => keepMute(ctx, event, true, aggregateVersion)),
  on('user.unmuted', 1, mute, (ctx, event, { aggregateVersion }) => keepMute(ctx, event, false, aggregateVersion)),
];
