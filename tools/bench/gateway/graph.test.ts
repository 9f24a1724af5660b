import { operationFromDocument, Supergraph } from '@apollo/federation-internals';
import { type PlanNode, QueryPlanner } from '@apollo/query-planner';
import { execute, type ExecutionResult, parse } from 'graphql';
import { schemaOf } from './data.ts';
import { composeSupergraph, type SubgraphName, subgraphNames } from './graph.ts';
import { queries, type QueryName } from './queries.ts';

const sdl = composeSupergraph((name) => `http://127.0.0.1/${name}`);

/** The subgraphs that the planner asks, in order; a `*` marks a hop by entity. */
function fetchesOf(name: QueryName): string[] {
  const supergraph = Supergraph.build(sdl);
  const operation = operationFromDocument(supergraph.apiSchema(), parse(queries[name].query));
  const plan = new QueryPlanner(supergraph).buildQueryPlan(operation);
  const walk = (node: PlanNode): string[] => {
    if (node.kind === 'Fetch') return [node.serviceName + (node.requires ? '*' : '')];
    if (node.kind === 'Flatten') return walk(node.node);
    if (node.kind === 'Sequence' || node.kind === 'Parallel') return node.nodes.flatMap(walk);
    throw new Error(`the queries need no ${node.kind}`);
  };
  return plan.node === undefined || plan.node.kind === 'Subscription' ? [] : walk(plan.node);
}

test('each query needs the hops that its bar is about', () => {
  expect(fetchesOf('a')).toEqual(['products']);
  expect(fetchesOf('b')).toEqual(['products', 'inventory*']);
  const wide = fetchesOf('c');
  expect(new Set(wide.map((name) => name.replace('*', '')))).toEqual(new Set(subgraphNames));
  expect(wide.slice(0, 2)).toEqual(['accounts', 'reviews*']);
  expect(wide.indexOf('products*')).toBeLessThan(wide.lastIndexOf('inventory*'));
});

/** Asks one subgraph as a gateway would. */
const ask = async (name: SubgraphName, query: string, variableValues = {}): Promise<ExecutionResult> =>
  execute({ schema: schemaOf(name), document: parse(query), variableValues });

const ENTITIES = `query ($representations: [_Any!]!) { _entities(representations: $representations)`;

test('a dear product is shipped for nothing, another by its weight, and without both there is an error', async () => {
  const query = `${ENTITIES} { ... on Product { shippingEstimate } } }`;
  const product = { __typename: 'Product', id: '1' };
  const shipping = async (fields: object): Promise<unknown> => {
    const { data, errors } = await ask('inventory', query, { representations: [{ ...product, ...fields }] });
    const [first] = data?.['_entities'] as ({ shippingEstimate: number } | null)[];
    return errors ? errors[0]?.message : first?.shippingEstimate;
  };
  expect(await shipping({ price: 10_001, weight: 500 })).toBe(0);
  expect(await shipping({ price: 10_000, weight: 501 })).toBe(251);
  expect(await shipping({ price: 10_000 })).toBe('the price and the weight were not sent along');
});

test('two people have a product in common, and there are badges of both kinds', async () => {
  const query = `${ENTITIES} { ... on User { reviews(first: 6) { product { id } } } } }`;
  const { users } = queries.c.variables as { users: number };
  const representations = Array.from({ length: users }, (_, index) => ({ __typename: 'User', id: String(index + 1) }));
  const { data } = await ask('reviews', query, { representations });
  const people = data?.['_entities'] as { reviews: { product: { id: string } }[] }[];
  const ids = people.flatMap(({ reviews }) => reviews.map(({ product }) => product.id));
  expect(ids).toHaveLength(users * 6);
  expect(new Set(ids).size).toBeLessThan(ids.length);

  const badges = await ask('accounts', `{ users(first: ${users}) { badges { __typename } } }`);
  const text = JSON.stringify(badges.data);
  expect(text).toContain('CriticBadge');
  expect(text).toContain('LoyaltyBadge');
});
