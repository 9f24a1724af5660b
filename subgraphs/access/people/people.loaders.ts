import type { Context } from 'kit/context';
import { type RawBuilder, sql } from 'kit/database';
import { toUuid } from 'kit/ids';
import type { Viewer } from 'kit/viewer';
import { can } from '../permissions.ts';

/** Those who look after the whole site see everybody, whoever has blocked whom: else a block would keep moderation out. */
export const seesEverybody = (viewer: Viewer): boolean => can(viewer, 'user.lookPastBlocks');

/** People whom the viewer has blocked, or who have blocked the viewer. */
const othersOf = (viewerId: string): RawBuilder<unknown> => sql`(
  select b.blocked_id from person_block b where b.blocker_id = ${viewerId} and b.is_blocked
  union all select b.blocker_id from person_block b where b.blocked_id = ${viewerId} and b.is_blocked)`;

/**
 * Whether the viewer and the person of this column have blocked one another, whichever of them did. The viewer's blocks are
 * read once per statement, however many rows are asked about. An unknown person counts as blocked by who blocks anybody.
 */
export const hasBlock = (ctx: Context, person: RawBuilder<unknown>): RawBuilder<boolean> =>
  ctx.viewer.userId === null ? sql`false` : sql`coalesce(${person} in ${othersOf(toUuid(ctx.viewer.userId))}, true)`;

/**
 * Whether what the person of this column has made is hidden from the viewer: there is a block between them, and the viewer
 * looks neither after the site nor after what it is in.
 */
export function isHidden(
  ctx: Context,
  person: RawBuilder<unknown>,
  isModerated: RawBuilder<boolean> | null = null,
): RawBuilder<boolean> {
  if (ctx.viewer.userId === null || seesEverybody(ctx.viewer)) return sql`false`;
  return isModerated === null ? hasBlock(ctx, person) : sql`(${hasBlock(ctx, person)} and not ${isModerated})`;
}

/** Those whose things are hidden from the viewer, as a set of uuids. */
export const hiddenPeople = (ctx: Context): RawBuilder<unknown> =>
  ctx.viewer.userId === null || seesEverybody(ctx.viewer)
    ? sql`(select null::uuid where false)`
    : othersOf(toUuid(ctx.viewer.userId));

/** Whether the viewer has muted the person of this column: for feeds and news only, and nobody else's to know. */
export const isMuted = (ctx: Context, person: RawBuilder<unknown>): RawBuilder<boolean> =>
  ctx.viewer.userId === null
    ? sql`false`
    : sql`(${person} in (select m.muted_id from person_mute m where m.muter_id = ${toUuid(ctx.viewer.userId)} and m.is_muted))`;
