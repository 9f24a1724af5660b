import { sql } from 'kit/database';
import { type Id, rowMapper, toUuids } from 'kit/ids';
import { defineLoader, inOrder } from 'kit/loaders';
import { foldUsername } from '../username.ts';
import { visibleUser } from './user.access.ts';

export interface UserRow {
  id: Id;
  username: string;
  name: string;
  bio: string;
  email: string;
  isEmailVerified: boolean;
  avatarId: Id | null;
  role: string;
  joinedAt: Date;
  followersCount: number;
  followingCount: number;
  isPresenceHidden: boolean;
}

export const toUser = rowMapper<UserRow>({ id: 'user', avatarId: 'media' });

export const userColumns = sql`u.id, u.username, u.name, u.bio, u.email, u.role, u.joined_at as "joinedAt",
  u.email_verified_at is not null as "isEmailVerified", u.avatar_id as "avatarId",
  u.followers_count as "followersCount", u.following_count as "followingCount",
  u.is_presence_hidden as "isPresenceHidden"`;

export const userById = defineLoader<Id, UserRow | null>(async (ctx, ids) => {
  const rows = await ctx.rows<UserRow>(
    sql`select ${userColumns} from "user" u where u.id = any(${toUuids(ids)}::uuid[]) and ${visibleUser(ctx)}`,
  );
  return inOrder(ids, rows.map(toUser), (user) => user.id);
});

export const userByUsername = defineLoader<string, UserRow | null>(async (ctx, names) => {
  const folded = names.map(foldUsername);
  const rows = await ctx.rows<UserRow>(
    sql`select ${userColumns} from "user" u where u.username_folded = any(${folded}::text[]) and ${visibleUser(ctx)}`,
  );
  return inOrder(folded, rows.map(toUser), (user) => foldUsername(user.username));
});
