import type { Change, Context } from 'kit/context';
import { sql } from 'kit/database';
import { fromUuid } from 'kit/ids';
import { pageOf, type Person, type Section, type Step } from 'kit/rights/rights';
import { userViewer } from 'kit/viewer';
import { acts } from './privacy.audit.ts';
import { type Uncounted, uncountEvents, uncountViewers } from './privacy.counters.ts';
import { viewerHash } from '../track/track.actions.ts';

const BATCH = 500;

/** What a person is called where their events are kept. */
const nameOf = (ctx: Context, person: Person): Promise<Buffer> => viewerHash({ ...ctx, viewer: userViewer(person.id) });

const events: Section = {
  file: 'insights/events.json',
  page: async (ctx, person, after) => {
    const rows = await ctx.rows<{
      id: string;
      postId: string;
      kind: string;
      seconds: number | null;
      trackedAt: Date;
    }>(sql`
      select id, post_id as "postId", kind, seconds, tracked_at as "trackedAt" from tracked_event
      where viewer = ${await nameOf(ctx, person)} and ${after === null ? sql`true` : sql`id > ${after}`}
      order by id limit ${sql.lit(BATCH)}`);
    return pageOf(rows, BATCH, ({ id: _, postId, ...row }) => ({ postId: fromUuid('post', postId), ...row }));
  },
};

/** What was made of their texts: how a model of ours read them. */
const sentiments: Section = {
  file: 'insights/sentiments.json',
  page: async (ctx, person, after) => {
    // Whose a text is was not kept of the first; of posts it is known all the same.
    const rows = await ctx.rows<{ id: string; kind: 'POST' | 'COMMENT' }>(sql`
      select s.target_id as id, s.kind, s.score, s.label, s.confidence, s.emotions, s.is_flagged as "isFlagged",
        s.model_version as "modelVersion", s.analysed_at as "analysedAt"
      from sentiment s
      where s.target_id in (
          select target_id from sentiment_text where author_id = ${person.uuid}
          union select post_id from post_access where author_id = ${person.uuid})
        and ${after === null ? sql`true` : sql`s.target_id > ${after}`}
      order by s.target_id limit ${sql.lit(BATCH)}`);
    return pageOf(rows, BATCH, ({ id, kind, ...row }) => ({
      ...{ id: fromUuid(kind === 'POST' ? 'post' : 'comment', id), kind },
      ...row,
    }));
  },
};

export const sections = [events, sentiments, acts];

/** Rows of somebody anonymous stay in the sums, each under a name that nothing else has. */
const someoneElse = sql`sha256(convert_to(gen_random_uuid()::text, 'UTF8'))`;

async function forgetEvents(tx: Change, person: Person): Promise<number> {
  const viewer = await nameOf(tx, person);
  const which = sql`id in (select id from tracked_event where viewer = ${viewer} limit ${sql.lit(BATCH)})`;
  if (person.mode === 'ANONYMISE') {
    return (await tx.rows(sql`update tracked_event set viewer = ${someoneElse} where ${which} returning 1`)).length;
  }
  const gone = await tx.rows<Uncounted>(sql`
    delete from tracked_event where ${which}
    returning post_id as "postId", kind, date_trunc('hour', tracked_at, 'UTC') as hour`);
  await uncountEvents(tx, gone);
  return gone.length;
}

async function forgetViews(tx: Change, person: Person): Promise<number> {
  const viewer = await nameOf(tx, person);
  const which = sql`(post_id, viewer) in (
    select post_id, viewer from post_viewer where viewer = ${viewer} and is_person limit ${sql.lit(BATCH)})`;
  if (person.mode === 'ANONYMISE') {
    return (await tx.rows(sql`update post_viewer set viewer = ${someoneElse} where ${which} returning 1`)).length;
  }
  const gone = await tx.rows<{ postId: string }>(
    sql`delete from post_viewer where ${which} returning post_id as "postId"`,
  );
  await uncountViewers(
    tx,
    gone.map(({ postId }) => postId),
  );
  return gone.length;
}

export const viewerSteps: readonly Step[] = [
  { name: 'events of readers', run: forgetEvents },
  { name: 'views', run: forgetViews },
];
