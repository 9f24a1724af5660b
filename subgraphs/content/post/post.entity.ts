import { defineEntity, p } from '@mikro-orm/core';
import { TypeId } from 'kit/database';

const schema = defineEntity({
  name: 'Post',
  tableName: 'post',
  properties: {
    id: p.type(new TypeId('post')).$type<string>().primary(),
    authorId: p.type(new TypeId('user')).$type<string>(),
    communityId: p.type(new TypeId('community')).$type<string>().nullable(),
    status: p.text().$type<PostStatus>(),
    title: p.text(),
    slug: p.text(),
    markdown: p.text(),
    html: p.text(),
    excerpt: p.text(),
    readingMinutes: p.integer(),
    tags: p.array(),
    /** Grows with each save; an edit names the version it was made from. */
    version: p.integer().default(1),
    createdAt: p.datetime(),
    updatedAt: p.datetime(),
    publishedAt: p.datetime().nullable(),
    /** When it was published, or made where it is not: the order of every list. */
    listedAt: p.datetime(),
    importedFrom: p.text().nullable(),
  },
});

export type PostStatus = 'DRAFT' | 'PUBLISHED' | 'DELETED';

export class Post extends schema.class {}
schema.setClass(Post);
export const postSchema = schema;
