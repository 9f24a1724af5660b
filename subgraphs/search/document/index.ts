import type { Context } from 'kit/context';
import { defineFeature } from 'kit/feature';
import { checkId, type Id } from 'kit/ids';
import { graphqlFile } from 'kit/subgraph';
import { visiblePostById } from '../../access/access.loaders.ts';
import { Search0001 } from '../migrations/0001-search.ts';
import { subscribers } from './document.events.ts';

/** What can be found: kept by the events of those who own it. */
export const document = defineFeature({
  name: 'document',
  typeDefs: graphqlFile(import.meta.url, 'document.graphql'),
  migrations: [{ name: '0001-search', class: Search0001 }],
  resolvers: {
    Post: { __resolveReference: ({ id }: { id: Id }, ctx: Context) => visiblePostById(ctx, checkId('post', id)) },
    Searchable: { __resolveType: (node: { __typename: string }) => node.__typename },
  },
  subscribers,
});
