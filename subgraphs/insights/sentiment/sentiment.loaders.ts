import { type RawBuilder, sql } from 'kit/database';
import { type Id, rowMapper, toUuids } from 'kit/ids';
import { defineLoader, inOrder } from 'kit/loaders';
import { isHiddenIn, visiblePost } from '../../access/access.loaders.ts';
import type { SentimentResult } from './sentiment.model.ts';

export interface SentimentRow extends SentimentResult {
  readonly modelVersion: string;
  readonly analysedAt: Date;
}

/** A post or a comment, as far as it is known here and the viewer may see it. */
export interface Analysed {
  readonly id: Id;
  readonly sentiment: SentimentRow | null;
}

type Joined = { id: Id } & { [Column in keyof SentimentRow]: SentimentRow[Column] | null };

const columns: RawBuilder<unknown> = sql`s.score, s.label, s.confidence, s.emotions, s.model_version as "modelVersion",
  s.analysed_at as "analysedAt"`;

const toAnalysed = ({ id, ...sentiment }: Joined): Analysed => ({
  id,
  sentiment: sentiment.score === null ? null : (sentiment as SentimentRow),
});
const toPost = rowMapper<Joined>({ id: 'post' });
const toComment = rowMapper<Joined>({ id: 'comment' });

/** Visible posts with their sentiments: who may see it and what it says, in one statement. */
export const analysedPostById = defineLoader<Id, Analysed | null>(async (ctx, ids) => {
  const rows = await ctx.rows<Joined>(sql`
    select a.post_id as id, ${columns} from post_access a left join sentiment s on s.target_id = a.post_id
    where a.post_id = any(${toUuids(ids)}::uuid[]) and ${visiblePost(ctx)}`);
  return inOrder(ids, rows.map(toPost).map(toAnalysed), (post) => post.id);
});

/** Comments on visible posts, of people who are not hidden from the viewer. */
export const analysedCommentById = defineLoader<Id, Analysed | null>(async (ctx, ids) => {
  const rows = await ctx.rows<Joined>(sql`
    select s.target_id as id, ${columns} from sentiment s join sentiment_text t using (target_id)
    join post_access a on a.post_id = s.post_id
    where s.target_id = any(${toUuids(ids)}::uuid[]) and s.kind = 'COMMENT' and ${visiblePost(ctx)}
      and not ${isHiddenIn(ctx, sql.ref('t.author_id'), sql.ref('a.community_id'))}`);
  return inOrder(ids, rows.map(toComment).map(toAnalysed), (comment) => comment.id);
});
