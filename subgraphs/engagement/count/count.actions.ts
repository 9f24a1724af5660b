import { type Change, changeAtOnce, type Context } from 'kit/context';
import { type RawBuilder, sql } from 'kit/database';
import { type Id, toUuid } from 'kit/ids';
import { postCounted } from './count.events.ts';

interface PostCounts {
  readonly up: number;
  readonly down: number;
  readonly score: number;
  readonly comments: number;
  readonly bookmarks: number;
}

/**
 * Adds to a post's counters and tells the new ones. `expressions` are common table expressions of which the last,
 * `delta`, has the columns up, down, comments and bookmarks: what changes and its counting are then one statement.
 * No row in `delta` is no change. The counter's row is locked last of all, so that nobody waits for another in a circle.
 */
export async function countPost(tx: Change, postId: Id, expressions: RawBuilder<unknown>): Promise<void> {
  const [counts] = await tx.rows<PostCounts>(sql`with ${counted(postId, expressions)} select * from counted`);
  if (counts) tx.emit(postCounted, { postId, ...counts });
}

/** The same as one statement, with its event: for what is no part of a larger change. */
export async function countPostAtOnce(ctx: Context, postId: Id, expressions: RawBuilder<unknown>): Promise<void> {
  await changeAtOnce(ctx, {
    definition: postCounted,
    expressions: counted(postId, expressions),
    payloads: sql`select to_jsonb(counted) || jsonb_build_object('postId', ${postId}::text) from counted`,
  });
}

const counted = (postId: Id, expressions: RawBuilder<unknown>): RawBuilder<unknown> => sql`
  ${expressions}, counted as (
    insert into post_counter as c (post_id, up, down, score, comments, bookmarks)
    select ${toUuid(postId)}::uuid, greatest(up, 0), greatest(down, 0), up - down, greatest(comments, 0), greatest(bookmarks, 0)
    from delta
    on conflict (post_id) do update set
      up = c.up + (select up from delta), down = c.down + (select down from delta),
      score = c.score + (select up - down from delta), comments = c.comments + (select comments from delta),
      bookmarks = c.bookmarks + (select bookmarks from delta)
    returning up, down, score, comments, bookmarks)`;
