import { type Context, once } from 'kit/context';
import { type RawBuilder, sql } from 'kit/database';
import { CodedError, notFound } from 'kit/errors';
import { checkId, type Id, kindOf, toUuid } from 'kit/ids';
import { countCommentVotes } from '../comment/comment.actions.ts';
import { commentById, type CommentRow } from '../comment/comment.loaders.ts';
import { settingsOf } from '../config.ts';
import { countPost, countPostAtOnce } from '../count/count.actions.ts';
import { type CountedPost, countedPostById, openPost } from '../count/count.loaders.ts';
import { viewerVoteByTarget, type VoteValue } from './vote.loaders.ts';

export type VoteChoice = VoteValue | 'NONE';

export interface VoteInput {
  readonly targetId: Id;
  readonly value: VoteChoice;
  readonly idempotencyKey?: string | null;
}

/** What was voted on; how it stands is read where it is asked for. */
export interface VoteOutcome {
  readonly targetId: Id;
}

/** Gives, changes or takes back the viewer's one vote; the counters change with it or not at all. */
export async function vote(ctx: Context, input: VoteInput): Promise<VoteOutcome> {
  const { targetId, value } = input;
  const voterId = ctx.viewer.userId ?? notFound('User', '');
  await checkTarget(ctx, targetId);
  const limit = { name: 'votes', points: settingsOf(ctx).LIMIT_VOTES_PER_HOUR, durationSeconds: 3600 };
  const expressions = sql`${changeOf(targetId, voterId, value)}, ${delta}`;
  if (input.idempotencyKey == null && !isComment(targetId)) {
    await ctx.services.limiter.take(limit, voterId);
    await countPostAtOnce(ctx, targetId, expressions);
  } else {
    await once(ctx, 'vote', input.idempotencyKey, input, async (tx) => {
      await ctx.services.limiter.take(limit, voterId);
      const count = isComment(targetId) ? countCommentVotes : countPost;
      await count(tx, targetId, expressions);
      return targetId;
    });
  }
  viewerVoteByTarget.clear(ctx, targetId);
  commentById.clear(ctx, targetId);
  countedPostById.clear(ctx, targetId);
  return { targetId };
}

const isComment = (id: Id): boolean => kindOf(id) === 'comment';

async function checkTarget(ctx: Context, targetId: Id): Promise<void> {
  if (!isComment(targetId)) {
    await openPost(ctx, checkId('post', targetId, 'targetId'), 'targetId');
    return;
  }
  const comment = (await commentById(ctx, targetId)) ?? notFound('Comment', targetId, ['targetId']);
  if (comment.isDeleted || comment.isBlocked)
    throw new CodedError('CONFLICT', 'That comment was deleted.', ['targetId']);
  await openPost(ctx, comment.postId, 'targetId');
}

/**
 * The vote's row, changed: one row with the new and the previous value, none where nothing changes. PostgreSQL takes
 * `previous` from the row as it is once its lock is had, so that two votes of one person at once count right.
 */
function changeOf(targetId: Id, voterId: Id, value: VoteChoice): RawBuilder<unknown> {
  const [target, voter] = [toUuid(targetId), toUuid(voterId)];
  if (value === 'NONE') {
    return sql`changed as (
      delete from vote where target_id = ${target} and voter_id = ${voter} returning 0 as value, value as previous)`;
  }
  return sql`changed as (
    insert into vote as v (target_id, voter_id, value, voted_at)
    values (${target}, ${voter}, ${value === 'UP' ? 1 : -1}, now())
    on conflict (target_id, voter_id) do update
      set previous = v.value, value = excluded.value, voted_at = excluded.voted_at
      where v.value <> excluded.value
    returning v.value, v.previous)`;
}

const delta = sql`delta as (
  select (value = 1)::int - (previous = 1)::int as up, (value = -1)::int - (previous = -1)::int as down,
    0 as comments, 0 as bookmarks
  from changed)`;

/** The comment that was voted on; null where it was a post. */
export const votedComment = async (ctx: Context, targetId: Id): Promise<CommentRow | null> =>
  isComment(targetId) ? commentById(ctx, targetId) : null;

/** The post that was voted on; null where it was a comment. */
export const votedPost = async (ctx: Context, targetId: Id): Promise<CountedPost | null> =>
  isComment(targetId) ? null : countedPostById(ctx, targetId);
