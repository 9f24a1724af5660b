import { sql } from 'kit/database';
import { toUuids, type Id } from 'kit/ids';
import { defineLoader, inOrder } from 'kit/loaders';
import { foldUsername } from '../account/account.username.ts';
import { toUser, userColumns, type UserRow } from './user.queries.ts';

export const userById = defineLoader<Id, UserRow | null>(async (ctx, ids) => {
  const rows = await ctx.rows<UserRow>(sql`select ${userColumns} from "user" u where u.id = any(${toUuids(ids)}::uuid[])`);
  return inOrder(ids, rows.map(toUser), (user) => user.id);
});

export const userByUsername = defineLoader<string, UserRow | null>(async (ctx, names) => {
  const folded = names.map(foldUsername);
  const rows = await ctx.rows<UserRow>(
    sql`select ${userColumns} from "user" u where u.username_folded = any(${folded}::text[])`,
  );
  return inOrder(folded, rows.map(toUser), (user) => foldUsername(user.username));
});
