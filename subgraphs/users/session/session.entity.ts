import { defineEntity, p } from '@mikro-orm/core';
import { TypeId } from 'kit/database';

const schema = defineEntity({
  name: 'Session',
  tableName: 'session',
  properties: {
    id: p.type(new TypeId('session')).$type<string>().primary(),
    userId: p.type(new TypeId('user')).$type<string>(),
    /** SHA-256 of the refresh token that is good now; tokens themselves are stored nowhere. */
    currentHash: p.blob(),
    previousHash: p.blob().nullable(),
    rotatedAt: p.datetime(),
    startedAt: p.datetime(),
    expiresAt: p.datetime(),
    endedAt: p.datetime().nullable(),
    endReason: p.text().nullable(),
    userAgent: p.text().default(''),
  },
});

export class Session extends schema.class {}
schema.setClass(Session);
export const sessionSchema = schema;
