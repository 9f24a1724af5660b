import type { Change } from 'kit/context';
import { sql } from 'kit/database';
import { fromUuid } from 'kit/ids';
import { NOBODY, type Person, type Step } from 'kit/rights/rights';
import { communitySaved, memberJoined, memberLeft } from '../community/community.actions.ts';
import { communityDeleted } from './privacy.events.ts';

interface Community {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly isPrivate: boolean;
  readonly ownerId: string;
}

/** One community at a time: its row is held while it changes hands. */
async function leaveOne(tx: Change, person: Person): Promise<number> {
  const [community] = await tx.rows<Community>(sql`
    select c.id, c.name, c.description, c.is_private as "isPrivate", c.owner_id as "ownerId"
    from community c
    where exists (select 1 from community_member m where m.community_id = c.id and m.user_id = ${person.uuid})
    order by c.id limit 1 for update of c`);
  if (!community) return 0;
  const heir = community.ownerId === person.uuid ? await handOver(tx, community, person) : null;
  if (heir === 'deleted') return 1;
  await tx.rows(sql`delete from community_member where community_id = ${community.id} and user_id = ${person.uuid}`);
  await tx.rows(sql`update community set members_count = members_count - 1 where id = ${community.id}`);
  tx.emit(memberLeft, { communityId: fromUuid('community', community.id), userId: person.id });
  return 1;
}

/** To the moderator who has been there longest, else the member; where nobody else is, it stays only for others' posts. */
async function handOver(tx: Change, community: Community, person: Person): Promise<'deleted' | null> {
  const [heir] = await tx.rows<{ userId: string }>(sql`
    select user_id as "userId" from community_member
    where community_id = ${community.id} and user_id <> ${person.uuid}
    order by role <> 'moderator', joined_at, user_id limit 1`);
  if (!heir && !(await isUsed(tx, community.id))) return erase(tx, community);
  // Made anonymous, its owner goes on standing there; erased, nobody does.
  const ownerUuid = heir?.userId ?? (person.mode === 'ERASE' ? NOBODY : person.uuid);
  const [ownerId, communityId] = [fromUuid('user', ownerUuid), fromUuid('community', community.id)];
  await tx.rows(sql`update community set owner_id = ${ownerUuid} where id = ${community.id}`);
  if (heir) {
    await tx.rows(sql`
      update community_member set role = 'owner' where community_id = ${community.id} and user_id = ${heir.userId}`);
    tx.emit(memberJoined, { communityId, userId: ownerId, role: 'owner' });
  }
  const { name, description, isPrivate } = community;
  tx.emit(communitySaved, { communityId, name, description, isPrivate, ownerId });
  return null;
}

const isUsed = async (tx: Change, communityId: string): Promise<boolean> =>
  (await tx.rows(sql`select 1 from post where community_id = ${communityId} and status <> 'DELETED' limit 1`)).length >
  0;

async function erase(tx: Change, { id }: Community): Promise<'deleted'> {
  await tx.rows(sql`update post set community_id = null where community_id = ${id}`);
  await tx.rows(sql`delete from community where id = ${id}`);
  tx.emit(communityDeleted, { communityId: fromUuid('community', id) });
  return 'deleted';
}

export const communitySteps: readonly Step[] = [{ name: 'memberships of communities', run: leaveOne }];
