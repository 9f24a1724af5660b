import type { Context } from 'kit/context';
import { defineFeature, payload } from 'kit/feature';
import { anyone, defineRules, signedIn } from 'kit/rules';
import { graphqlFile } from 'kit/subgraph';
import { completeLogin } from './challenge.actions.ts';
import { login as signIn } from './login.actions.ts';
import { signInsForget } from './login.jobs.ts';
import { type LoginHistoryArguments, loginHistoryOf } from './login.queries.ts';
import { checkLoginSettings } from './login.settings.ts';

export const login = defineFeature({
  name: 'login',
  typeDefs: graphqlFile(import.meta.url, 'login.graphql'),
  rules: defineRules({
    Query: { loginHistory: signedIn },
    Mutation: { login: anyone, completeLogin: anyone },
  }),
  resolvers: {
    Query: { loginHistory: (_: unknown, args: LoginHistoryArguments, ctx: Context) => loginHistoryOf(ctx, args) },
    Mutation: { login: payload(signIn), completeLogin: payload(completeLogin) },
  },
  jobs: [signInsForget],
  prepare: checkLoginSettings,
});
