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
    passwordHash: p.text(),
    role: p.text().default('user'),
    followersCount: p.integer().default(0),
    followingCount: p.integer().default(0),
    joinedAt: p.datetime(),
    updatedAt: p.datetime(),
  },
});

export class User extends schema.class {}
schema.setClass(User);
export const userSchema = schema;
