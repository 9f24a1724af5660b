import { permitted } from '../../access/permissions.ts';
import type { Context } from 'kit/context';
import { id, nullable, on, text } from 'kit/events';
import { defineFeature } from 'kit/feature';
import type { PageArguments } from 'kit/page';
import { defineRules } from 'kit/rules';
import { graphqlFile } from 'kit/subgraph';
import { Insights0002 } from '../migrations/0002-audit.ts';
import { keepAct } from './audit.actions.ts';
import { type AuditEntry, type AuditFilter, auditLog } from './audit.queries.ts';

export const audit = defineFeature({
  name: 'audit',
  typeDefs: graphqlFile(import.meta.url, 'audit.graphql'),
  migrations: [{ name: '0002-audit', class: Insights0002 }],
  rules: defineRules({ Query: { auditLog: permitted('audit.read') } }),
  resolvers: {
    Query: {
      auditLog: (_: unknown, args: PageArguments & { filter?: AuditFilter | null }, ctx: Context) =>
        auditLog(ctx, args),
    },
    AuditEntry: { actor: ({ actorId }: AuditEntry) => actorId && { __typename: 'User', id: actorId } },
  },
  subscribers: [
    on(
      'act.recorded',
      1,
      {
        ...{ actId: id, action: text, actorId: nullable(id), subjectId: nullable(id) },
        ...{ reason: text, via: text, address: text, userAgent: text },
      },
      keepAct,
    ),
  ],
});
