import { QueryPlanner, type QueryPlan } from '@apollo/query-planner';
import { operationFromDocument, ROUTER_SUPPORTED_SUPERGRAPH_FEATURES, Supergraph } from '@apollo/federation-internals';
import { parse } from 'graphql';
import { compose, LINK } from '../../conformance/testing/federation.ts';
import { createTestGraph } from '../../testing/graph.ts';
import { plannable } from './plannable.ts';
import { realise } from './realise.ts';

const supergraphOf = (typeDefs: Readonly<Record<string, string>>): string =>
  compose(Object.fromEntries(Object.entries(typeDefs).map(([name, text]) => [name, { typeDefs: LINK + text }])));

/** The lines of one definition that begin with any of these words, without what is around them. */
const linesOf = (sdl: string, definition: string, ...words: readonly string[]): string[] => {
  const lines = sdl.split('\n').map((line) => line.trim());
  const from = lines.findIndex((line) => line.startsWith(definition));
  const to = lines.indexOf('}', from);
  return lines.slice(from, to).filter((line) => words.some((word) => line.startsWith(word)));
};

const supergraphIn = (sdl: string): Supergraph =>
  Supergraph.build(sdl, { supportedFeatures: ROUTER_SUPPORTED_SUPERGRAPH_FEATURES, validateSupergraph: false });

function planOf(sdl: string, query: string): QueryPlan {
  const written = plannable(sdl);
  const supergraph = supergraphIn(written.sdl);
  const operation = operationFromDocument(supergraph.apiSchema(), parse(query));
  return realise(new QueryPlanner(supergraph).buildQueryPlan(operation), written);
}

/** What is asked of whom, in order. */
function fetchesOf(plan: QueryPlan): string[] {
  const fetches: string[] = [];
  JSON.stringify(plan, (_, value: unknown) => {
    const node = value as { kind?: string; serviceName: string; operation: string } | null;
    if (node?.kind === 'Fetch')
      fetches.push(`${node.serviceName} ${node.operation.replace(/^.*?\{(_entities.*?\{)?/, '')}`);
    return value;
  });
  return fetches;
}

const plain = {
  shelf: `type Query { books: [Book] } type Book @key(fields: "id") { id: ID!  pages(in: String): Int  words: Int }`,
  desk: `type Book @key(fields: "id") { id: ID!  words: Int @external  price: Int @requires(fields: "words") }`,
};

test('a supergraph that is planned well stays what it is, to the byte', () => {
  for (const sdl of [supergraphOf(plain), createTestGraph().supergraphSdl]) {
    expect(plannable(sdl)).toEqual({ sdl, fields: new Map(), services: new Map() });
    expect(plannable(sdl).sdl).toBe(sdl);
  }
});

test('what is no supergraph, and one of Federation 1, stay what they are', () => {
  for (const sdl of ['type Query { a: Int }', 'enum join__Graph { A @join__graph(name: "a", url: "") }']) {
    expect(plannable(sdl).sdl).toBe(sdl);
  }
});

test('keys that are looked up come first, whatever order they were written in', () => {
  const sdl = supergraphOf({
    harbour: `
      type Query { crates: [Crate] }
      type Crate @key(fields: "stamp", resolvable: false) @key(fields: "id") { id: ID!  stamp: ID! @shareable }`,
    customs: `type Crate @key(fields: "stamp") @key(fields: "id", resolvable: false) { id: ID!  stamp: ID! @shareable }`,
  });
  const { sdl: written, fields, services } = plannable(sdl);
  expect(linesOf(written, 'type Crate', '@join__type')).toEqual([]);
  expect(written.match(/type Crate (.*) \{/)?.[1]?.split(' @')).toEqual([
    '@join__type(graph: CUSTOMS, key: "stamp")',
    'join__type(graph: HARBOUR, key: "id")',
    'join__type(graph: CUSTOMS, key: "id", resolvable: false)',
    'join__type(graph: HARBOUR, key: "stamp", resolvable: false)',
  ]);
  expect([fields.size, services.size]).toEqual([0, 0]);
});

const readings = `
  type Query { stations: [Station!]! }
  interface Place { height(unit: String!): Int }
  type Hill implements Place { height(unit: String!): Int }
  type Station @key(fields: "id") { id: ID!  heat(unit: String = "C"): Int  place: Place }`;
const forecasts = (fields: string) => `
  interface Place { height(unit: String!): Int }
  type Hill implements Place { height(unit: String!): Int @external }
  type Station @key(fields: "id") { id: ID!  heat(unit: String = "C"): Int @external  place: Place @external  ${fields} }`;

describe('a field that is required with arguments', () => {
  const sdl = supergraphOf({
    readings,
    forecasts: forecasts(
      'feel: Int @requires(fields: "heat(unit: \\"F\\")") climb: Int @requires(fields: "place { height(unit: \\"m\\") }")',
    ),
  });
  const written = plannable(sdl);

  test('is one of its own for the planner, on every type that has it', () => {
    expect([...written.fields]).toEqual([
      ['required_0_heat', { field: 'heat', arguments: ['unit: "F"'] }],
      ['required_1_height', { field: 'height', arguments: ['unit: "m"'] }],
    ]);
    expect(written.services.size).toBe(0);
    expect(linesOf(written.sdl, 'type Station', 'required', 'feel', 'climb')).toEqual([
      'feel: Int @join__field(graph: FORECASTS, requires: "required_0_heat")',
      'climb: Int @join__field(graph: FORECASTS, requires: "place { required_1_height }")',
      'required_0_heat: Int @join__field(graph: READINGS) @join__field(graph: FORECASTS, external: true)',
    ]);
    expect(linesOf(written.sdl, 'interface Place', 'required')).toHaveLength(1);
    expect(linesOf(written.sdl, 'type Hill', 'required')).toHaveLength(1);
  });

  test('is asked for as what it is, beside the client’s own', () => {
    const plan = planOf(sdl, '{ stations { heat feel } }');
    expect(fetchesOf(plan)).toEqual([
      'readings stations{__typename id heat required_0_heat:heat(unit:"F")}}',
      'forecasts ...on Station{feel}}}',
    ]);
    expect(JSON.stringify(plan)).toContain('"name":"heat","alias":"required_0_heat"');
  });

  test('takes no name that a field has', () => {
    const taken = supergraphOf({
      readings: readings.replace('place: Place }', 'place: Place  required_0_heat: Int }'),
      forecasts: forecasts('feel: Int @requires(fields: "heat(unit: \\"F\\") place { height(unit: \\"m\\") }")'),
    });
    expect([...plannable(taken).fields.keys()]).toEqual(['required__0_heat', 'required__1_height']);
  });

  test('with other arguments elsewhere is asked for by another part of the subgraph', () => {
    const both = supergraphOf({
      readings,
      forecasts: forecasts(
        'feel: Int @requires(fields: "heat(unit: \\"F\\")") bare: Int @requires(fields: "heat") like: Int @requires(fields: "heat(unit: \\"F\\") place { height(unit: \\"m\\") }")',
      ),
    });
    expect([...plannable(both).services]).toEqual([['forecasts__0_1', 'forecasts']]);
    const fetches = fetchesOf(planOf(both, '{ stations { feel bare like } }'));
    expect(fetches.filter((fetch) => fetch.startsWith('forecasts')).sort()).toEqual([
      'forecasts ...on Station{bare}}}',
      'forecasts ...on Station{feel like}}}',
    ]);
  });
});

describe('a field that is required and requires others', () => {
  const sdl = supergraphOf({
    white: `
      type Query { bouts: [Bout!]! }
      type Bout @key(fields: "id") {
        id: ID!  opening: String!  reply: Reply @external  second: Second @requires(fields: "reply { move }")  clock: Int
      }
      type Reply @key(fields: "id") { id: ID!  move: String @external }
      type Second { move: String  judge: Judge  grade: Grade }
      union Judge = Person
      enum Grade { GOOD BAD }
      type Person @key(fields: "id") { id: ID!  name(first: Boolean): String  bouts(in: Window): [Bout!]  odds: Int @external  luck: Int @requires(fields: "odds") }
      input Window { from: Int  grade: Grade = GOOD }`,
    black: `
      type Bout @key(fields: "id") {
        id: ID!  opening: String! @external  second: Second @external
        reply: Reply @requires(fields: "opening")  last: String @requires(fields: "second { move }")
      }
      type Reply @key(fields: "id") { id: ID!  move: String }
      type Second { move: String @external }`,
    bets: `type Person @key(fields: "id") { id: ID!  odds: Int }`,
  });
  const written = plannable(sdl);

  test('is a part’s of its subgraph, for each length of the chain', () => {
    expect(Object.fromEntries(written.services)).toEqual({ black__1_0: 'black', white__2_0: 'white' });
    expect(linesOf(written.sdl, 'type Bout', 'second', 'reply', 'last')).toEqual([
      'second: Second @join__field(graph: BLACK, external: true) @join__field(graph: WHITE__2_0, requires: "reply { move }")',
      'reply: Reply @join__field(graph: BLACK__1_0, requires: "opening") @join__field(graph: WHITE, external: true) @join__field(graph: WHITE__2_0, external: true)',
      'last: String @join__field(graph: BLACK, requires: "second { move }")',
    ]);
  });

  test('brings all that can be selected of it, and nothing that requires more', () => {
    const schema = supergraphIn(written.sdl).subgraphs().get('white__2_0')?.schema.toGraphQLJSSchema();
    const fieldsOf = (name: string): string[] => {
      const type = schema?.getType(name);
      return type && 'getFields' in type ? Object.keys(type.getFields()).sort() : [];
    };
    expect(fieldsOf('Second')).toEqual(['grade', 'judge', 'move']);
    expect(fieldsOf('Person')).toEqual(['bouts', 'id', 'name', 'odds']);
    expect(fieldsOf('Bout')).toContain('clock');
    expect(fieldsOf('Window')).toEqual(['from', 'grade']);
  });

  test('is asked for once what it requires is there', () => {
    const fetches = fetchesOf(planOf(sdl, '{ bouts { last second { judge { ... on Person { name luck } } } } }'));
    const at = (part: string) => fetches.findIndex((fetch) => fetch.includes(part));
    expect(fetches.every((fetch) => /^(white|black|bets) /.test(fetch))).toBe(true);
    expect([at('reply'), at('second{'), at('last')]).toEqual(
      [at('reply'), at('second{'), at('last')].sort((a, b) => a - b),
    );
    expect(at('opening')).toBe(0);
    expect(fetches[0]).not.toContain('second');
  });
});
