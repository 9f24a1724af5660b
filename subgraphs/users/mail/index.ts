import type { Context } from 'kit/context';
import { defineFeature, payload } from 'kit/feature';
import { admins, anyone, defineRules, gatewayOnly } from 'kit/rules';
import { graphqlFile } from 'kit/subgraph';
import { Users0007 } from '../migrations/0007-mail-retries.ts';
import { mailSend, mailSweep } from './mail.jobs.ts';
import { devMailbox } from './mail.queries.ts';
import { prepareMailSecret } from './secret.actions.ts';
import { checkMailSettings, isMailOff } from './mail.settings.ts';
import { unsubscribeFromMail } from './mail.subscriptions.ts';
import { releaseMailAddress, suppressMailAddress } from './mail.suppression.actions.ts';

export const mail = defineFeature({
  name: 'mail',
  typeDefs: graphqlFile(import.meta.url, 'mail.graphql'),
  migrations: [{ name: '0007-mail-retries', class: Users0007 }],
  rules: defineRules({
    Query: { devMailbox: gatewayOnly },
    Mutation: { unsubscribeFromMail: anyone, suppressMailAddress: admins, releaseMailAddress: admins },
  }),
  resolvers: {
    Query: { devMailbox: (_: unknown, args: { first: number }, ctx: Context) => devMailbox(ctx, args) },
    Mutation: {
      unsubscribeFromMail: payload(unsubscribeFromMail),
      suppressMailAddress: payload(suppressMailAddress),
      releaseMailAddress: payload(releaseMailAddress),
    },
  },
  jobs: [mailSend, mailSweep],
  prepare: (ctx) => {
    checkMailSettings(ctx);
    return prepareMailSecret(ctx);
  },
  // Mails wait until an operator says which server takes them: nothing is lost, but they should know.
  dependencies: (ctx) =>
    isMailOff(ctx) ? { 'mail (set MAIL_URL)': () => Promise.reject(new Error('MAIL_URL is not set')) } : {},
});
