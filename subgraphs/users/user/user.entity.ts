import { defineEntity, p } from '@mikro-orm/core';
import { TypeId } from 'kit/database';

const schema = defineEntity({
  name: 'User',
  tableName: 'user',
  properties: {
    id: p.type(new TypeId('user')).$type<string>().primary(),
    username: p.text(),
    usernameFolded: p.text(),
    /** What the name looks like: equal skeletons are look-alikes. */
    usernameSkeleton: p.text(),
    name: p.text(),
    bio: p.text().default(''),
    email: p.text(),
    emailFolded: p.text(),
    /** Null until the address is confirmed: until then it is not theirs, and they exist for nobody else. */
    emailVerifiedAt: p.datetime().nullable(),
    passwordHash: p.text(),
    avatarId: p.type(new TypeId('media')).$type<string>().nullable(),
    role: p.text().default('user'),
    followersCount: p.integer().default(0),
    followingCount: p.integer().default(0),
    joinedAt: p.datetime(),
    updatedAt: p.datetime(),
    /** Since when they are about to go, and hidden from others. */
    closingAt: p.datetime().nullable(),
    deletedAt: p.datetime().nullable(),
  },
});

export class User extends schema.class {}
schema.setClass(User);
export const userSchema = schema;
