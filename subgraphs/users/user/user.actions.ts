import type { Change, Context } from 'kit/context';
import { sql } from 'kit/database';
import { notFound } from 'kit/errors';
import { type Id, toUuid } from 'kit/ids';
import { checkInput } from 'kit/input';
import { User } from './user.entity.ts';
import { userDeleted, userSaved } from './user.events.ts';
import { userById } from './user.loaders.ts';
import type { UserRow } from './user.loaders.ts';

export interface UpdateProfileInput {
  readonly name?: string | null;
  readonly bio?: string | null;
  readonly avatarId?: Id | null;
}

export async function updateProfile(ctx: Context, input: UpdateProfileInput): Promise<UserRow | null> {
  const userId = ctx.viewer.userId ?? notFound('User', '');
  const changes = checkInput((check) => ({
    ...(input.name == null ? {} : { name: check.text('name', input.name, { min: 1, max: 80 }) }),
    ...(input.bio == null ? {} : { bio: check.text('bio', input.bio, { min: 0, max: 1000, isMultiline: true }) }),
    // Null takes the picture away; left out, it stays.
    ...(input.avatarId === undefined
      ? {}
      : { avatarId: input.avatarId && check.id('avatarId', 'media', input.avatarId) }),
  }));
  await ctx.change(async (tx) => {
    const user = (await holdUser(tx, userId)) ?? notFound('User', userId);
    tx.em.assign(user, { ...changes, updatedAt: new Date() });
    emitUserSaved(tx, user);
  });
  return userById(ctx, userId);
}

/** A person, held until the change ends, so that what is told of them is what they are by then; null where they are gone. */
export async function holdUser(tx: Change, userId: Id): Promise<User | null> {
  await tx.rows(sql`select 1 from "user" where id = ${toUuid(userId)} for no key update`);
  return tx.em.findOne(User, { id: userId, deletedAt: null });
}

interface Known {
  readonly id: Id;
  readonly username: string;
  readonly name: string;
  readonly bio: string;
  readonly role: string;
  readonly emailVerifiedAt?: Date | null | undefined;
  readonly closingAt?: Date | null | undefined;
}

/**
 * What other subgraphs know of a person: all of it, each time; nothing before they have confirmed their address, nor while they
 * are about to go, which has hidden them.
 */
export function emitUserSaved(tx: Change, user: Known): void {
  if (!user.emailVerifiedAt || user.closingAt) return;
  tx.emit(userSaved, { userId: user.id, username: user.username, name: user.name, bio: user.bio, role: user.role });
}

/** They are gone for good: what others hold of them goes too. */
export const emitUserDeleted = (tx: Change, userId: Id): void => tx.emit(userDeleted, { userId });
