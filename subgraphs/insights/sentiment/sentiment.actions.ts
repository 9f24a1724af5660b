import { setImmediate } from 'node:timers/promises';
import type { Context } from 'kit/context';
import { sql } from 'kit/database';
import { type Id, toUuid } from 'kit/ids';
import { analyseSentiment, modelVersion, type SentimentResult } from './sentiment.model.ts';

export interface WrittenText {
  readonly kind: 'POST' | 'COMMENT';
  readonly targetId: Id;
  readonly postId: Id;
  /** Null where there is no text. */
  readonly authorId: Id | null;
  /** Null where there is nothing to analyse (any more). */
  readonly text: string | null;
  readonly version: number;
}

/** Keeps a text and analyses it. Answers false where a later version of it, or the end of its post, has come before. */
export async function saveText(ctx: Context, written: WrittenText): Promise<boolean> {
  const { kind, targetId, postId, authorId, text, version } = written;
  return ctx.change(async (tx) => {
    const [saved] = await tx.rows(sql`
      insert into sentiment_text as t (target_id, kind, post_id, author_id, text, version)
      select ${toUuid(targetId)}::uuid, ${kind}::text, ${toUuid(postId)}::uuid, ${authorId && toUuid(authorId)}::uuid,
        ${text}::text, ${version}::bigint
      where ${kind} = 'POST' or ${text}::text is null
        or not exists (select 1 from post_access a where a.post_id = ${toUuid(postId)} and a.status = 'DELETED')
      on conflict (target_id) do update set author_id = excluded.author_id, text = excluded.text, version = excluded.version
      where t.version < excluded.version
      returning 1`);
    if (!saved) return false;
    if (text === null) await tx.rows(sql`delete from sentiment where target_id = ${toUuid(targetId)}`);
    else await saveSentiment(tx, written, analyseSentiment(text));
    return true;
  });
}

/** The words of a deleted post go, and those under it with them. */
export async function forgetPost(ctx: Context, postId: Id, version: number): Promise<void> {
  await ctx.change(async (tx) => {
    if (!(await saveText(tx, { kind: 'POST', targetId: postId, postId, authorId: null, text: null, version }))) return;
    await tx.rows(
      sql`update sentiment_text set text = null, author_id = null where post_id = ${toUuid(postId)} and text is not null`,
    );
    await tx.rows(sql`delete from sentiment where post_id = ${toUuid(postId)}`);
  });
}

/** Bad enough, and surely enough, that a moderator should look. */
const isFlagged = ({ score, confidence }: SentimentResult): boolean => score <= -0.6 && confidence >= 0.6;

async function saveSentiment(ctx: Context, written: WrittenText, result: SentimentResult): Promise<void> {
  const { score, label, confidence, emotions } = result;
  await ctx.rows(sql`
    insert into sentiment (target_id, kind, post_id, text_version, score, label, confidence, emotions, is_flagged, model_version)
    values (${toUuid(written.targetId)}, ${written.kind}, ${toUuid(written.postId)}, ${written.version}, ${score}, ${label},
            ${confidence}, ${JSON.stringify(emotions)}, ${isFlagged(result)}, ${modelVersion})
    on conflict (target_id) do update set text_version = excluded.text_version, score = excluded.score,
      label = excluded.label, confidence = excluded.confidence, emotions = excluded.emotions,
      is_flagged = excluded.is_flagged, model_version = excluded.model_version, analysed_at = now()`);
}

export async function hasOutdated(ctx: Context): Promise<boolean> {
  const rows = await ctx.rows(sql`select 1 from sentiment where model_version <> ${modelVersion} limit 1`);
  return rows.length > 0;
}

/** Analyses anew up to `limit` texts that another model has judged, in the order of their ids. Answers the last id, null at the end. */
export async function reanalyseAfter(ctx: Context, after: string, limit: number): Promise<string | null> {
  const outdated = await ctx.rows<{ id: string; text: string; version: number }>(sql`
    select s.target_id as id, t.text, s.text_version as version from sentiment s join sentiment_text t using (target_id)
    where s.target_id > ${after} and s.model_version <> ${modelVersion} order by s.target_id limit ${limit}`);
  const results: (SentimentResult & { id: string; version: number; flagged: boolean })[] = [];
  for (const { id, text, version } of outdated) {
    const result = analyseSentiment(text);
    results.push({ id, version, ...result, flagged: isFlagged(result) });
    // Requests are answered between two texts.
    await setImmediate();
  }
  // A text that has changed meanwhile was analysed by whoever changed it.
  await ctx.change(async (tx) => {
    await tx.rows(sql`
      update sentiment s set score = r.score, label = r.label, confidence = r.confidence, emotions = r.emotions,
        is_flagged = r.flagged, model_version = ${modelVersion}, analysed_at = now()
      from jsonb_to_recordset(${JSON.stringify(results)}::jsonb)
        as r(id uuid, version bigint, score float8, label text, confidence float8, emotions jsonb, flagged boolean)
      where s.target_id = r.id and s.text_version = r.version`);
  });
  return outdated.length < limit ? null : (outdated.at(-1)?.id ?? null);
}
