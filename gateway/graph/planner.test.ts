import { QueryPlanner } from '@apollo/query-planner';
import { composeServices } from '@apollo/composition';
import { operationFromDocument, Supergraph } from '@apollo/federation-internals';
import { parse } from 'graphql';
import { createTestGraph } from '../testing/graph.ts';
import { graphIdOf } from './graph.ts';
import { createPlanner } from './planner.ts';

const { supergraphSdl: sdl } = createTestGraph();
const graph = { id: graphIdOf(sdl), sdl };
const QUERY = 'query Q($id: ID!) { book(id: $id) { title writer { name } ... @include(if: true) { id } } }';
const codeOf = (error: unknown): unknown => (error as { extensions?: { code?: unknown } }).extensions?.code;

test('a plan made in the thread is the plan made here', async () => {
  const planner = createPlanner(5000);
  const supergraph = Supergraph.build(sdl);
  const operation = operationFromDocument(supergraph.apiSchema(), parse(QUERY));
  const here = new QueryPlanner(supergraph).buildQueryPlan(operation);
  const [there, again] = await planner.plan(graph, [QUERY, QUERY]);
  expect(JSON.parse(JSON.stringify(there))).toEqual(JSON.parse(JSON.stringify(here)));
  expect(again).toEqual(there);
  planner.close();
});

test('this thread goes on while the other one plans', async () => {
  const planner = createPlanner(5000);
  await planner.load(graph);
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  const many = Array.from({ length: 200 }, (_, index) => QUERY.replace('query Q', `query Q${index}`));
  await planner.plan(graph, many);
  clearInterval(timer);
  expect(turns).toBeGreaterThan(5);
  planner.close();
});

test('planning that takes too long is ended and refused, and what waited behind it is planned', async () => {
  const [hasty, patient] = [createPlanner(1), createPlanner(20_000)];
  await patient.load(graph);
  const many = Array.from({ length: 3000 }, (_, index) => QUERY.replace('query Q', `query Q${index}`));
  const tooLong = hasty.plan(graph, many).catch((error: unknown) => error);
  const behind = patient.plan(graph, [QUERY]);
  expect(await tooLong).toMatchObject({ extensions: { code: 'PLAN_TIMEOUT', limit: 1, http: { status: 400 } } });
  expect(await behind).toHaveLength(1);
  hasty.close();
  patient.close();
});

test('what cannot be planned fails alone', async () => {
  const planner = createPlanner(5000);
  await expect(planner.plan(graph, ['{ nothing }'])).rejects.toThrow('planning has failed');
  await expect(planner.load({ id: 'none', sdl: 'type Query { a: Int }' })).rejects.toThrow('planning has failed');
  expect(await planner.plan(graph, ['{ me }'])).toHaveLength(1);
  expect(await planner.plan(graph, [])).toEqual([]);
  planner.close();
});

test('a planner that is closed refuses, and takes nobody else’s work with it', async () => {
  const [one, other] = [createPlanner(5000), createPlanner(5000)];
  const waiting = [one.plan(graph, [QUERY]), one.plan(graph, [QUERY])].map((plan) =>
    plan.catch((error: unknown) => error),
  );
  const others = other.plan(graph, [QUERY]);
  one.close();
  expect(await waiting[1]).toEqual(new Error('the planner is closed'));
  await expect(one.plan(graph, [QUERY])).rejects.toThrow('closed');
  expect(await others).toHaveLength(1);
  other.close();
});

test('too many that wait are refused, those of a reload do not count and come last', async () => {
  const planner = createPlanner(20_000);
  await planner.load(graph);
  const order: string[] = [];
  const ahead = Array.from({ length: 600 }, () => planner.plan(graph, [QUERY], true).then(() => order.push('ahead')));
  const asked = Array.from({ length: 510 }, () =>
    planner.plan(graph, ['{ me }']).then(
      () => order.push('asked'),
      (error: unknown) => codeOf(error),
    ),
  );
  const outcomes = await Promise.all(asked);
  expect(outcomes.filter((outcome) => outcome === 'PLANNER_BUSY')).toHaveLength(10);
  expect(order.filter((one) => one === 'ahead').length).toBeLessThan(5);
  await Promise.all(ahead);
  planner.close();
});

describe('a graph whose every field is shared by every subgraph', () => {
  const typeDefs = (name: string) =>
    parse(`extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@key", "@shareable"])
      type Query { nodes: [Node!]! @shareable }
      interface Node { id: ID! a: String next: Node }
      ${['A', 'B', 'C', 'D', 'E', 'F'].map((type) => `type ${type} implements Node @key(fields: "id") { id: ID! a: String @shareable next: Node @shareable only${name}: String }`).join('\n')}`);
  const names = ['one', 'two', 'three', 'four'];
  const { supergraphSdl: shared = '' } = composeServices(
    names.map((name) => ({ name, url: 'http://127.0.0.1:1/', typeDefs: typeDefs(name) })),
  );
  const nested = (depth: number): string => (depth === 0 ? 'a' : `a next { ${nested(depth - 1)} }`);

  test('does not make the planner take gigabytes: what is deep is refused in time, what is not is planned', async () => {
    const planner = createPlanner(10_000);
    const sharedGraph = { id: graphIdOf(shared), sdl: shared };
    await planner.load(sharedGraph);
    const before = process.memoryUsage().rss;
    const refused = planner.plan(sharedGraph, [`{ nodes { ${nested(10)} } }`]);
    await expect(refused).rejects.toMatchObject({ extensions: { code: 'PLAN_TOO_COMPLEX', http: { status: 400 } } });
    expect(process.memoryUsage().rss - before).toBeLessThan(400_000_000);
    expect(await planner.plan(sharedGraph, [`{ nodes { ${nested(2)} } }`])).toHaveLength(1);
    planner.close();
  });
});
