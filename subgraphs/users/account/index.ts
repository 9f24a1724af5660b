import { defineFeature, payload } from 'kit/feature';
import { anyone, defineRules, gatewayOnly, signedInUnverified } from 'kit/rules';
import { graphqlFile } from 'kit/subgraph';
import { Users0002 } from '../migrations/0002-accounts.ts';
import { Users0008 } from '../migrations/0008-reserved-usernames.ts';
import { prepareAdministrator, register, registerVerified } from './account.actions.ts';
import { accountTidy } from './account.jobs.ts';
import { changeEmail, confirmEmailChange } from './email.actions.ts';
import { resendVerification, verifyEmail } from './verification.actions.ts';

export const account = defineFeature({
  name: 'account',
  typeDefs: graphqlFile(import.meta.url, 'account.graphql'),
  migrations: [
    { name: '0002-accounts', class: Users0002 },
    { name: '0008-reserved-usernames', class: Users0008 },
  ],
  rules: defineRules({
    Mutation: {
      register: anyone,
      verifyEmail: anyone,
      resendVerification: anyone,
      changeEmail: signedInUnverified,
      confirmEmailChange: anyone,
      registerVerified: gatewayOnly,
    },
  }),
  resolvers: {
    Mutation: {
      register: payload(register),
      verifyEmail: payload(verifyEmail, 'user'),
      resendVerification: payload(resendVerification),
      changeEmail: payload(changeEmail),
      confirmEmailChange: payload(confirmEmailChange),
      registerVerified: payload(registerVerified),
    },
  },
  jobs: [accountTidy],
  prepare: prepareAdministrator,
});
