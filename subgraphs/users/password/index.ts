import { defineFeature, payload } from 'kit/feature';
import { anyone, defineRules, signedInUnverified } from 'kit/rules';
import { graphqlFile } from 'kit/subgraph';
import { changePassword, requestPasswordReset, resetPassword } from './password.actions.ts';

export const password = defineFeature({
  name: 'password',
  typeDefs: graphqlFile(import.meta.url, 'password.graphql'),
  rules: defineRules({
    Mutation: { changePassword: signedInUnverified, requestPasswordReset: anyone, resetPassword: anyone },
  }),
  resolvers: {
    Mutation: {
      changePassword: payload(changePassword),
      requestPasswordReset: payload(requestPasswordReset),
      resetPassword: payload(resetPassword),
    },
  },
});
