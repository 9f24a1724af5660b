import { defineFeature } from 'kit/feature';
import { anyone, defineRules } from 'kit/rules';
import { graphqlFile } from 'kit/subgraph';
import { Search0004 } from '../migrations/0004-word-parts.ts';
import { engineOf } from './search.engine.ts';
import { pushDocuments } from './search.jobs.ts';
import { resolvers } from './search.resolvers.ts';

export const search = defineFeature({
  name: 'search',
  typeDefs: graphqlFile(import.meta.url, 'search.graphql'),
  migrations: [{ name: '0004-word-parts', class: Search0004 }],
  resolvers,
  rules: defineRules({ Query: { search: anyone } }),
  jobs: [pushDocuments],
  dependencies: (ctx) => {
    const { ping } = engineOf(ctx);
    return ping ? { elasticsearch: ping } : {};
  },
});
