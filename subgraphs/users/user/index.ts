import { defineFeature } from 'kit/feature';
import { graphqlFile } from 'kit/subgraph';
import { Users0001 } from '../migrations/0001-users.ts';
import { userSchema } from './user.entity.ts';
import { userDeleted, userSaved } from './user.events.ts';
import { resolvers } from './user.resolvers.ts';
import { rules } from './user.rules.ts';

export const user = defineFeature({
  name: 'user',
  typeDefs: graphqlFile(import.meta.url, 'user.graphql'),
  entities: [userSchema],
  migrations: [{ name: '0001-users', class: Users0001 }],
  resolvers,
  rules,
  emits: [userSaved, userDeleted],
});
