import { defineFeature, payload } from 'kit/feature';
import { ensureMonthlyPartitions } from 'kit/partitions';
import { anyone, defineRules } from 'kit/rules';
import { graphqlFile } from 'kit/subgraph';
import { Insights0001 } from '../migrations/0001-insights.ts';
import { trackEvent } from './track.actions.ts';
import { forgetViewers, makePartitions } from './track.jobs.ts';

export const track = defineFeature({
  name: 'track',
  typeDefs: graphqlFile(import.meta.url, 'track.graphql'),
  migrations: [{ name: '0001-insights', class: Insights0001 }],
  rules: defineRules({ Mutation: { trackEvent: anyone } }),
  resolvers: { Mutation: { trackEvent: payload(trackEvent, 'accepted') } },
  jobs: [makePartitions, forgetViewers],
  prepare: (ctx) => ensureMonthlyPartitions(ctx, 'tracked_event'),
});
