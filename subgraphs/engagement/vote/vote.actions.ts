import { type Context, once } from 'kit/context';
import { type RawBuilder, sql } from 'kit/database';
import { CodedError, notFound } from 'kit/errors';
import { checkId, type Id, kindOf, toUuid } from 'kit/ids';
import { countCommentVotes } from '../comment/comment.actions.ts';
import { commentById, type CommentRow } from '../comment/comment.loaders.ts';
import { settingsOf } from '../config.ts';
import { countPost } from '../count/count.actions.ts';
import { countedPostById, openPost } from '../count/count.loaders.ts';
import { viewerVoteByTarget, type VoteValue } from './vote.loaders.ts';

export type VoteChoice = VoteValue | 'NONE';

export interface VoteInput {
  readonly targetId: Id;
  readonly value: VoteChoice;
  readonly idempotencyKey?: string | null;
}

interface VoteOutcome {
  readonly post: { readonly __typename: 'Post'; readonly id: Id } | null;
  readonly comment: CommentRow | null;
  readonly counts: { readonly up: number; readonly down: number; readonly score: number } | null;
  readonly viewerVote: VoteValue | null;
}

/** Gives, changes or takes back the viewer's one vote; the counters change with it or not at all. */
export async function vote(ctx: Context, input: VoteInput): Promise<VoteOutcome> {
  const { targetId, value } = input;
  const voterId = ctx.viewer.userId ?? notFound('User', '');
  await checkTarget(ctx, targetId);
  await once(ctx, 'vote', input.idempotencyKey, input, async (tx) => {
    const limit = { name: 'votes', points: settingsOf(ctx).LIMIT_VOTES_PER_HOUR, durationSeconds: 3600 };
    await ctx.services.limiter.take(limit, voterId);
    const count = isComment(targetId) ? countCommentVotes : countPost;
    await count(tx, targetId, sql`${changeOf(targetId, voterId, value)}, ${delta}`);
    return targetId;
  });
  return outcomeOf(ctx, targetId);
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

async function outcomeOf(ctx: Context, targetId: Id): Promise<VoteOutcome> {
  viewerVoteByTarget.clear(ctx, targetId);
  const viewerVote = await viewerVoteByTarget(ctx, targetId);
  if (isComment(targetId)) {
    commentById.clear(ctx, targetId);
    const comment = await commentById(ctx, targetId);
    return { post: null, comment, counts: comment, viewerVote };
  }
  countedPostById.clear(ctx, targetId);
  const post = await countedPostById(ctx, targetId);
  return { post: post && { __typename: 'Post', id: post.id }, comment: null, counts: post, viewerVote };
}
