import { compose, LINK } from '../conformance/testing/federation.ts';
import { graphIdOf } from './graph.ts';
import { createPlanner } from './planner.ts';

/** The root’s subgraph names what another one owns, which a requirement’s requirement needs. */
const typeDefs = {
  root: `type Query { things: [Thing] }
    type Thing @key(fields: "id") { id: ID!  length: Int @external  area: Int @requires(fields: "length") }`,
  middle: `type Thing @key(fields: "id") { id: ID!  length: Int @external  depth: Int @requires(fields: "length") }`,
  owner: `type Thing @key(fields: "id") { id: ID!  length: Int  depth: Int @external  volume: Int @requires(fields: "depth") }`,
};

test('a list in four hundred others is looked at once', async () => {
  const sdl = compose({ one: { typeDefs: `${LINK} scalar Any type Query { thing(any: Any): Int }` } });
  // Twice at each level, thirty of them took a minute.
  const planner = createPlanner(5000);
  const any = `${'['.repeat(400)}{ of: $one }${']'.repeat(400)}`;
  const [plan] = await planner.plan({ id: graphIdOf(sdl), sdl }, [`query ($one: Int) { thing(any: ${any}) }`]);
  expect(plan?.node).toMatchObject({ kind: 'Fetch', variableUsages: ['one'] });
  planner.close();
});

test('what a subgraph only names is asked of its owner', async () => {
  const parts = Object.entries(typeDefs).map(([name, text]) => [name, { typeDefs: LINK + text }] as const);
  const sdl = compose(Object.fromEntries(parts));
  const planner = createPlanner(5000);
  const [plan] = await planner.plan({ id: graphIdOf(sdl), sdl }, ['{ things { area volume } }']);
  const asked: string[] = [];
  JSON.stringify(plan, (_, value: unknown) => {
    const { kind, serviceName, operation } = (value ?? {}) as Record<string, string>;
    if (kind === 'Fetch') asked.push(`${serviceName} ${operation?.replace(/^query.*?_entities\(.*?\)/, '')}`);
    return value;
  });
  expect(asked.sort()).toEqual([
    'middle {...on Thing{depth}}}',
    'owner {...on Thing{length}}}',
    'owner {...on Thing{volume}}}',
    'root {...on Thing{area}}}',
    'root {things{__typename id}}',
  ]);
  planner.close();
});
