import type { Context } from 'kit/context';
import { defineFeature, payload } from 'kit/feature';
import { defineRules, signedInUnverified } from 'kit/rules';
import { graphqlFile } from 'kit/subgraph';
import { confirmTotp, disableTotp, regenerateRecoveryCodes, startTotpSetup } from './totp.actions.ts';
import { secondFactorOfViewer } from './totp.queries.ts';

export const totp = defineFeature({
  name: 'totp',
  typeDefs: graphqlFile(import.meta.url, 'totp.graphql'),
  rules: defineRules({
    Query: { secondFactor: signedInUnverified },
    Mutation: {
      startTotpSetup: signedInUnverified,
      confirmTotp: signedInUnverified,
      disableTotp: signedInUnverified,
      regenerateRecoveryCodes: signedInUnverified,
    },
  }),
  resolvers: {
    Query: { secondFactor: (_: unknown, _args: unknown, ctx: Context) => secondFactorOfViewer(ctx) },
    Mutation: {
      startTotpSetup: payload(startTotpSetup),
      confirmTotp: payload(confirmTotp),
      disableTotp: payload(disableTotp),
      regenerateRecoveryCodes: payload(regenerateRecoveryCodes),
    },
  },
});
