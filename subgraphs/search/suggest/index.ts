import type { Context } from 'kit/context';
import { defineFeature } from 'kit/feature';
import { anyone, defineRules } from 'kit/rules';
import { graphqlFile } from 'kit/subgraph';
import { suggestionsFor, type SuggestArguments } from './suggest.queries.ts';

export const suggest = defineFeature({
  name: 'suggest',
  typeDefs: graphqlFile(import.meta.url, 'suggest.graphql'),
  rules: defineRules({ Query: { suggest: anyone } }),
  resolvers: { Query: { suggest: (_: unknown, args: SuggestArguments, ctx: Context) => suggestionsFor(ctx, args) } },
});
