import type { Context } from 'kit/context';
import { defineFeature } from 'kit/feature';
import { checkId, type Id } from 'kit/ids';
import { graphqlFile } from 'kit/subgraph';
import { visiblePostById } from '../../access/access.loaders.ts';
import { Search0001 } from '../migrations/0001-search.ts';
import { Search0003 } from '../migrations/0003-people.ts';
import { subscribers } from './document.events.ts';

/** What can be found: kept by the events of those who own it. */
export const document = defineFeature({
  name: 'document',
  typeDefs: graphqlFile(import.meta.url, 'document.graphql'),
  migrations: [
    { name: '0001-search', class: Search0001 },
    { name: '0003-people', class: Search0003 },
  ],
  resolvers: {
    Post: { __resolveReference: ({ id }: { id: Id }, ctx: Context) => visiblePostById(ctx, checkId('post', id)) },
    Searchable: { __resolveType: (node: { __typename: string }) => node.__typename },
  },
  subscribers,
});
