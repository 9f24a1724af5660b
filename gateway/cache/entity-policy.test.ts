import type { FetchNode } from '@apollo/query-planner';
import { compose, LINK } from '../conformance/testing/federation.ts';
import { loadGraph } from '../graph/graph.ts';
import { readHints, type CacheHint } from './declarations.ts';
import { entityPolicyOf } from './entity-policy.ts';

const graph = loadGraph(
  compose({
    people: {
      typeDefs: `${LINK}
        type Query { node: Node }
        interface Node @key(fields: "id") { id: ID!  mail: String }
        type Person implements Node @key(fields: "id") { id: ID!  mail: String }`,
    },
  }),
);
const kept = { maxAge: 60, scope: 'PUBLIC' } as const;
const operation =
  'query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on Node { mail } } }';

const scopeWith = (hints: Readonly<Record<string, CacheHint>>) =>
  entityPolicyOf(
    graph,
    { operation } as FetchNode,
    readHints(graph, { hints: { Node: kept, Person: kept, ...hints } }, []),
  )?.scope;

test('entities looked up by their interface are shared unless one of its types has something PRIVATE', () => {
  expect(scopeWith({})).toBe('PUBLIC');
  expect(scopeWith({ 'Person.mail': { scope: 'PRIVATE' } })).toBe('PRIVATE');
  expect(scopeWith({ Person: { maxAge: 60, scope: 'PRIVATE' } })).toBe('PRIVATE');
});
