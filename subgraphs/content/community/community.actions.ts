import { type Change, codeOf, type Context } from 'kit/context';
import { sql } from 'kit/database';
import { CodedError, notFound, UserErrors } from 'kit/errors';
import { checkId, type Id, newId, toUuid } from 'kit/ids';
import { checkInput } from 'kit/input';
import { isHidden } from '../../access/people/people.loaders.ts';
import { can } from '../../access/permissions.ts';
import { settingsOf } from '../config.ts';
import { Community } from './community.entity.ts';
import { communitySaved, memberJoined, memberLeft } from './community.events.ts';
import {
  communityById,
  type CommunityRow,
  foldCommunityName,
  type MemberRole,
  roleInCommunity,
} from './community.loaders.ts';

export { communitySaved, memberJoined, memberLeft } from './community.events.ts';

export interface CreateCommunityInput {
  readonly name: string;
  readonly description?: string | null;
  readonly rules?: string | null;
  readonly isPrivate?: boolean | null;
}

const NAME = /^[\p{L}\p{N}](?:[\p{L}\p{N}_-]*[\p{L}\p{N}])?$/u;

/** The viewer becomes the owner and first member. */
export async function createCommunity(ctx: Context, input: CreateCommunityInput): Promise<CommunityRow | null> {
  const ownerId = ctx.viewer.userId ?? notFound('User', '');
  const checked = checkInput((check) => {
    const name = check.text('name', input.name, { min: 3, max: 50 });
    check.that('name', NAME.test(name), 'name is letters and digits, with - and _ between them.');
    return {
      name,
      description: check.text('description', input.description ?? '', { min: 0, max: 2000, isMultiline: true }),
      rules: check.text('rules', input.rules ?? '', { min: 0, max: 10_000, isMultiline: true }),
      isPrivate: input.isPrivate ?? false,
    };
  });
  const limit = { name: 'communities', points: settingsOf(ctx).LIMIT_COMMUNITIES_PER_DAY, durationSeconds: 86_400 };
  await ctx.services.limiter.take(limit, ownerId);
  const id = newId('community');
  try {
    await ctx.change(async (tx) => {
      const now = new Date();
      tx.em.create(Community, {
        ...checked,
        id,
        ownerId,
        nameFolded: foldCommunityName(checked.name),
        membersCount: 0,
        createdAt: now,
      });
      await tx.em.flush();
      const { name, description, isPrivate } = checked;
      tx.emit(communitySaved, { communityId: id, name, description, isPrivate, ownerId });
      await addMember(tx, id, ownerId, 'owner');
    });
  } catch (error) {
    if (codeOf(error) !== '23505') throw error;
    throw new UserErrors([{ field: ['name'], code: 'CONFLICT', message: 'There is a community of that name.' }]);
  }
  return communityById(ctx, id);
}

export interface MembershipInput {
  readonly communityId: Id;
}

/** Anyone may join a public community. A private one does not exist for those outside it: its moderators add people. */
export async function joinCommunity(ctx: Context, { communityId }: MembershipInput) {
  const userId = ctx.viewer.userId ?? notFound('User', '');
  await seen(ctx, communityId);
  await ctx.change((tx) => addMember(tx, communityId, userId, 'member'));
  return changed(ctx, communityId);
}

export async function leaveCommunity(ctx: Context, { communityId }: MembershipInput) {
  const userId = ctx.viewer.userId ?? notFound('User', '');
  await seen(ctx, communityId);
  if ((await roleInCommunity(ctx, communityId)) === 'owner') {
    throw new CodedError('CONFLICT', 'The owner cannot leave; hand the community over first.', ['communityId']);
  }
  await ctx.change((tx) => removeMember(tx, communityId, userId));
  return changed(ctx, communityId);
}

export interface MemberInput extends MembershipInput {
  readonly userId: Id;
  readonly role?: 'member' | 'moderator' | null;
}

export async function addCommunityMember(ctx: Context, { communityId, userId, role }: MemberInput) {
  checkId('user', userId, 'userId');
  await moderated(ctx, communityId);
  await ctx.change(async (tx) => {
    // Whoever has blocked somebody is not brought before what they gather.
    const [hidden] = await tx.rows(sql`
      select 1 where ${isHidden(tx, sql`${toUuid(userId)}::uuid`)}
        and not exists (select 1 from community_member
          where community_id = ${toUuid(communityId)} and user_id = ${toUuid(userId)})`);
    if (hidden) notFound('User', userId, ['userId']);
    await addMember(tx, communityId, userId, role ?? 'member');
  });
  return changed(ctx, communityId);
}

export async function removeCommunityMember(ctx: Context, { communityId, userId }: MemberInput) {
  checkId('user', userId, 'userId');
  const community = await moderated(ctx, communityId);
  if (community.ownerId === userId) throw new CodedError('CONFLICT', 'The owner cannot be removed.', ['userId']);
  await ctx.change((tx) => removeMember(tx, communityId, userId));
  return changed(ctx, communityId);
}

async function seen(ctx: Context, communityId: Id): Promise<CommunityRow> {
  const community = await communityById(ctx, checkId('community', communityId, 'communityId'));
  return community ?? notFound('Community', communityId, ['communityId']);
}

/** The community, for those who look after it. */
async function moderated(ctx: Context, communityId: Id): Promise<CommunityRow> {
  const community = await seen(ctx, communityId);
  const role = await roleInCommunity(ctx, communityId);
  if (!can(ctx.viewer, 'community.moderate', { isModerated: role === 'owner' || role === 'moderator' })) {
    throw new CodedError('FORBIDDEN', 'Only the moderators of a community change its members.');
  }
  return community;
}

async function addMember(tx: Change, communityId: Id, userId: Id, role: MemberRole): Promise<void> {
  // The owner keeps their role, whoever adds them again.
  const [row] = await tx.rows<{ isNew: boolean }>(sql`
    insert into community_member (community_id, user_id, role, joined_at)
    values (${toUuid(communityId)}, ${toUuid(userId)}, ${role}, now())
    on conflict (community_id, user_id) do update set role = excluded.role
      where community_member.role <> 'owner' and excluded.role = 'moderator' and community_member.role <> excluded.role
    returning (xmax = 0) as "isNew"`);
  if (!row) return;
  if (row.isNew) await countMembers(tx, communityId, 1);
  tx.emit(memberJoined, { communityId, userId, role });
}

async function removeMember(tx: Change, communityId: Id, userId: Id): Promise<void> {
  const removed = await tx.rows(sql`
    delete from community_member where community_id = ${toUuid(communityId)} and user_id = ${toUuid(userId)} and role <> 'owner'
    returning 1`);
  if (removed.length === 0) return;
  await countMembers(tx, communityId, -1);
  tx.emit(memberLeft, { communityId, userId });
}

async function countMembers(tx: Change, communityId: Id, by: number): Promise<void> {
  await tx.rows(sql`update community set members_count = members_count + ${by} where id = ${toUuid(communityId)}`);
}

/** After leaving a private community there is nothing left to see. */
async function changed(ctx: Context, communityId: Id): Promise<CommunityRow | null> {
  communityById.clear(ctx, communityId);
  roleInCommunity.clear(ctx, communityId);
  return communityById(ctx, communityId);
}
