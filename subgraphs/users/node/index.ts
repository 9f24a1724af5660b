import type { Context } from 'kit/context';
import { badInput } from 'kit/errors';
import { defineFeature } from 'kit/feature';
import { checkId, type Id, kindOf } from 'kit/ids';
import { MAX_PAGE } from 'kit/page';
import { anyone, defineRules } from 'kit/rules';
import { graphqlFile } from 'kit/subgraph';
import { userById } from '../user/user.loaders.ts';

/** Types of other subgraphs by the kind their ids claim. They are stubs here: their owners say who may see them. */
const foreign: Readonly<Record<string, string>> = { comment: 'Comment', community: 'Community', post: 'Post' };

async function nodeOf(ctx: Context, id: Id): Promise<object | null> {
  const kind = kindOf(id);
  if (kind === 'user') return userById(ctx, id);
  const typeName = foreign[kind ?? ''];
  // Throws INVALID_ID for no id at all; an id of a kind without a Node is merely not there.
  if (!typeName) return (checkId(kind ?? 'post', id), null);
  return { __typename: typeName, nodeId: id };
}

export const node = defineFeature({
  name: 'node',
  typeDefs: graphqlFile(import.meta.url, 'node.graphql'),
  rules: defineRules({ Query: { node: anyone, nodes: anyone } }),
  resolvers: {
    Query: {
      node: (_: unknown, { id }: { id: Id }, ctx: Context) => nodeOf(ctx, id),
      nodes: (_: unknown, { ids }: { ids: readonly Id[] }, ctx: Context) => {
        if (ids.length > MAX_PAGE) badInput('ids', `At most ${MAX_PAGE} ids at once.`, 'PAGE_SIZE_OUT_OF_RANGE');
        return Promise.all(ids.map((id) => nodeOf(ctx, id)));
      },
    },
    Node: { __resolveType: (value: { __typename?: string }) => value.__typename ?? 'User' },
  },
});
