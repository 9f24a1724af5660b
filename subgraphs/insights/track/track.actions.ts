import { type Change, type Context, once } from 'kit/context';
import { sql } from 'kit/database';
import { notFound } from 'kit/errors';
import { type Id, newId, toUuid } from 'kit/ids';
import { checkInput } from 'kit/input';
import { visiblePostById } from '../../access/access.loaders.ts';
import { countEvent, type TrackedEventKind } from '../analytics/analytics.actions.ts';
import { settingsOf } from '../config.ts';
import { limitKey, ownKey, viewerHash } from './track.keys.ts';

export { viewerHash } from './track.keys.ts';

export interface TrackEventInput {
  readonly postId: Id;
  readonly kind: TrackedEventKind;
  readonly idempotencyKey?: string | null;
  readonly seconds?: number | null;
}

const MAX_SECONDS = 86_400;
/** Long enough that reloading a page is no second view, short enough that coming back in the evening is one. */
const VIEW_COUNTS_ONCE_IN = sql`interval '30 minutes'`;

/** Notes an event with all its sums in one transaction. Answers whether it counts. */
export async function trackEvent(ctx: Context, input: TrackEventInput): Promise<boolean> {
  const checked = checkInput((check) => {
    const seconds = input.seconds ?? null;
    check.that(
      'seconds',
      seconds === null || (seconds >= 0 && seconds <= MAX_SECONDS),
      `seconds is from 0 to ${MAX_SECONDS}.`,
    );
    const key = input.idempotencyKey;
    return {
      postId: check.id('postId', 'post', input.postId),
      kind: input.kind,
      seconds,
      key: key == null ? null : check.text('idempotencyKey', key, { min: 1, max: 200 }),
    };
  });
  const limit = {
    name: 'tracked events',
    points: settingsOf(ctx).LIMIT_TRACKED_EVENTS_PER_MINUTE,
    durationSeconds: 60,
  };
  await ctx.services.limiter.take(limit, await limitKey(ctx));
  if (!(await visiblePostById(ctx, checked.postId))) notFound('Post', checked.postId, ['postId']);
  const viewer = await viewerHash(ctx);
  const { key, ...event } = checked;
  return once(ctx, 'trackEvent', key === null ? null : ownKey(viewer, key), event, (tx) => record(tx, viewer, event));
}

interface CheckedEvent {
  readonly postId: Id;
  readonly kind: TrackedEventKind;
  readonly seconds: number | null;
}

async function record(tx: Change, viewer: Buffer, { postId, kind, seconds }: CheckedEvent): Promise<boolean> {
  const id = toUuid(newId('event'));
  const at = momentOf(id);
  const view = kind === 'VIEW' ? await countView(tx, postId, viewer, at) : { isFirst: false };
  if (!view) return false;
  await tx.rows(sql`
    insert into tracked_event (id, post_id, kind, viewer, seconds, tracked_at)
    values (${id}, ${toUuid(postId)}, ${kind}, ${viewer}, ${seconds}, ${at})`);
  await countEvent(tx, { postId, kind, at, isNewViewer: view.isFirst });
  return true;
}

/** Null where this viewer's last view still stands. Two at once: the second waits for the first one's row and then finds it. */
async function countView(tx: Change, postId: Id, viewer: Buffer, at: Date): Promise<{ isFirst: boolean } | null> {
  const [row] = await tx.rows<{ isFirst: boolean }>(sql`
    insert into post_viewer (post_id, viewer, is_person, counted_at)
    values (${toUuid(postId)}, ${viewer}, ${tx.viewer.userId !== null}, ${at})
    on conflict (post_id, viewer) do update set counted_at = excluded.counted_at
      where post_viewer.counted_at <= excluded.counted_at - ${VIEW_COUNTS_ONCE_IN}
    returning (xmax = 0) as "isFirst"`);
  return row ?? null;
}

/** The moment in a UUIDv7: its first 48 bits (RFC 9562, 5.7). Time and partition then never disagree. */
const momentOf = (uuid: string): Date => new Date(Number.parseInt(uuid.slice(0, 8) + uuid.slice(9, 13), 16));
