import { defineFeature, payload } from 'kit/feature';
import { anyone, defineRules } from 'kit/rules';
import { graphqlFile } from 'kit/subgraph';
import { prepareAdministrator, register } from './account.actions.ts';

export const account = defineFeature({
  name: 'account',
  typeDefs: graphqlFile(import.meta.url, 'account.graphql'),
  rules: defineRules({ Mutation: { register: anyone } }),
  resolvers: { Mutation: { register: payload(register) } },
  prepare: prepareAdministrator,
});
