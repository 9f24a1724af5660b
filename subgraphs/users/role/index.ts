import { permitted } from '../../access/permissions.ts';
import type { Context } from 'kit/context';
import { defineFeature, payload } from 'kit/feature';
import type { Id } from 'kit/ids';
import { defineRules } from 'kit/rules';
import { graphqlFile } from 'kit/subgraph';
import { Users0004 } from '../migrations/0004-permissions.ts';
import { reinstateUser, setUserRole, suspendUser } from './role.actions.ts';
import { suspensionByUser } from './role.loaders.ts';

export const role = defineFeature({
  name: 'role',
  typeDefs: graphqlFile(import.meta.url, 'role.graphql'),
  migrations: [{ name: '0004-permissions', class: Users0004 }],
  rules: defineRules({
    Mutation: {
      setUserRole: permitted('user.setRole'),
      suspendUser: permitted('user.suspend'),
      reinstateUser: permitted('user.suspend'),
    },
    User: { suspension: permitted('user.readSuspension') },
  }),
  resolvers: {
    Mutation: {
      setUserRole: payload(setUserRole, 'user'),
      suspendUser: payload(suspendUser, 'user'),
      reinstateUser: payload(reinstateUser, 'user'),
    },
    User: { suspension: ({ id }: { id: Id }, _: unknown, ctx: Context) => suspensionByUser(ctx, id) },
  },
});
