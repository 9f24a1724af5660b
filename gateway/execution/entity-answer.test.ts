import { Supergraph } from '@apollo/federation-internals';
import { OperationTypeNode } from 'graphql';
import type { SubgraphError } from 'kit/request';
import { compose, LINK } from '../conformance/testing/federation.ts';
import { compileEntityFetches } from './entities.ts';
import type { PlanRun } from './step.ts';

const schema = Supergraph.build(
  compose({
    near: { typeDefs: `${LINK} type Query { things: [Thing] } type Thing @key(fields: "id") { id: ID! }` },
    far: { typeDefs: `${LINK} type Thing @key(fields: "id") { id: ID!  far: String }` },
  }),
).schema.toGraphQLJSSchema();

const lookup = compileEntityFetches(schema, [
  {
    path: ['things', '@'],
    node: {
      kind: 'Fetch',
      serviceName: 'far',
      operationKind: OperationTypeNode.QUERY,
      operation:
        'query($representations:[_Any!]!){_entities(representations:$representations){...on Thing{__typename far}}}',
      operationName: undefined,
      requires: [
        {
          kind: 'InlineFragment',
          typeCondition: 'Thing',
          selections: [
            { kind: 'Field', name: '__typename' },
            { kind: 'Field', name: 'id' },
          ],
        },
      ],
    },
  },
]);

/** Looks up things whose every field fails; `walks` counts how often the data is gone through. */
async function lookUp(ids: readonly string[], errors: readonly SubgraphError[]) {
  const things = ids.map((id) => ({ __typename: 'Thing', id }));
  const seen = { walks: 0, errors: new Array<SubgraphError>() };
  const data = {
    get things() {
      seen.walks++;
      return things;
    },
  };
  const fetch: PlanRun['fetch'] = () => Promise.resolve({ data: null, errors: [...errors] });
  await lookup({ data, variables: {}, conditions: {}, errors: seen.errors, fetch });
  return seen;
}

test('errors of many entities take one walk through the data, beside that of the lookup', async () => {
  const ids = Array.from({ length: 500 }, (_, index) => `t${index}`);
  const { errors, walks } = await lookUp(
    ids,
    ids.map((id, index) => ({ message: id, path: ['_entities', index, 'far'] })),
  );
  expect(walks).toBe(2);
  expect(errors).toEqual(ids.map((id, index) => ({ message: id, path: ['things', index, 'far'] })));
});

test('an error is told at every place of its entity, one of no entity where the entities begin', async () => {
  const { errors } = await lookUp(
    ['a', 'b', 'a'],
    [
      { message: 'a', path: ['_entities', 0, 'far'] },
      { message: 'b', path: ['_entities', 1] },
      { message: 'all' },
      { message: 'beyond', path: ['_entities', 7] },
    ],
  );
  expect(errors).toEqual([
    { message: 'a', path: ['things', 0, 'far'] },
    { message: 'a', path: ['things', 2, 'far'] },
    { message: 'b', path: ['things', 1] },
    { message: 'all', path: ['things'] },
    { message: 'beyond', path: ['things'] },
  ]);
});
