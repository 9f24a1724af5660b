import { defineEntity, p } from '@mikro-orm/core';
import { TypeId } from 'kit/database';

const schema = defineEntity({
  name: 'Community',
  tableName: 'community',
  properties: {
    id: p.type(new TypeId('community')).$type<string>().primary(),
    name: p.text(),
    nameFolded: p.text(),
    description: p.text().default(''),
    rules: p.text().default(''),
    isPrivate: p.boolean().default(false),
    /** Owned by users: an id, never a relation. */
    ownerId: p.type(new TypeId('user')).$type<string>(),
    membersCount: p.integer().default(0),
    createdAt: p.datetime(),
  },
});

export class Community extends schema.class {}
schema.setClass(Community);
export const communitySchema = schema;
