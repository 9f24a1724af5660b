import type { Context } from 'kit/context';
import { defineFeature } from 'kit/feature';
import { defineRules, gatewayOnly } from 'kit/rules';
import { graphqlFile } from 'kit/subgraph';
import { prepareKeys } from './key.actions.ts';
import { keysTidy } from './key.jobs.ts';
import { keysOf } from './key.loaders.ts';

export const key = defineFeature({
  name: 'key',
  typeDefs: graphqlFile(import.meta.url, 'key.graphql'),
  rules: defineRules({ Query: { jsonWebKeySet: gatewayOnly } }),
  resolvers: {
    Query: {
      jsonWebKeySet: async (_: unknown, _args: unknown, ctx: Context) => JSON.stringify((await keysOf(ctx)).jwks),
    },
  },
  jobs: [keysTidy],
  prepare: prepareKeys,
});
