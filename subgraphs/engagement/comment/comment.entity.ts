import { defineEntity, p } from '@mikro-orm/core';
import { TypeId } from 'kit/database';

const schema = defineEntity({
  name: 'Comment',
  tableName: 'comment',
  properties: {
    id: p.type(new TypeId('comment')).$type<string>().primary(),
    /** Owned by content: an id, never a relation. */
    postId: p.type(new TypeId('post')).$type<string>(),
    parentId: p.type(new TypeId('comment')).$type<string>().nullable(),
    /** 1 at the first level. */
    depth: p.integer(),
    authorId: p.type(new TypeId('user')).$type<string>(),
    /** Gone with a deletion, as is the HTML. */
    markdown: p.text().nullable(),
    html: p.text().nullable(),
    /** Grows with each edit. */
    version: p.integer().default(1),
    createdAt: p.datetime(),
    editedAt: p.datetime().nullable(),
    deletedAt: p.datetime().nullable(),
  },
});

export class Comment extends schema.class {}
schema.setClass(Comment);
export const commentSchema = schema;
