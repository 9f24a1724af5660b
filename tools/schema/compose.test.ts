import { compose } from './compose.ts';
import { SchemaProblem, type SchemaSource } from './definition.ts';
import { readSupergraphConfig } from './supergraph-config.ts';
import { aSource, contentSource, supergraphYaml, usersSource } from './testing.ts';

const sdlOf = (...sources: readonly SchemaSource[]) => new Map(sources.map(({ name, sdl }) => [name, sdl]));

function problemsOf(work: () => unknown): readonly string[] {
  try {
    work();
  } catch (error) {
    if (error instanceof SchemaProblem) return error.problems;
    throw error;
  }
  return [];
}

test('two subgraphs become one graph that clients see sorted and without federation', () => {
  const config = readSupergraphConfig(supergraphYaml('users', 'content'));
  const { supergraph, api, hints } = compose(config, sdlOf(usersSource(), contentSource()));
  expect(supergraph).toContain('@join__graph(name: "users", url: "http://users.test/graphql")');
  expect(api).toMatch(/type User \{\n {2}id: ID!\n {2}name: String!\n {2}posts: \[Post!\]!\n\}/);
  expect(api).not.toContain('join__');
  expect(hints).toEqual([]);
});

test('only what the configuration names is composed', () => {
  const config = readSupergraphConfig(supergraphYaml('users'));
  const { api } = compose(config, sdlOf(usersSource(), contentSource()));
  expect(api).not.toContain('Post');
});

test('a clash names both subgraphs', () => {
  const config = readSupergraphConfig(supergraphYaml('users', 'content'));
  const problems = problemsOf(() =>
    compose(
      config,
      sdlOf(
        usersSource('title: String'),
        aSource(
          'content',
          `
    type User @key(fields: "id") { id: ID! title: String }`,
        ),
      ),
    ),
  );
  expect(problems).toEqual([expect.stringMatching(/^INVALID_FIELD_SHARING: .*"User.title".*"content" and "users"/)]);
});

test('an error inside one subgraph names it', () => {
  const config = readSupergraphConfig(supergraphYaml('users'));
  expect(problemsOf(() => compose(config, sdlOf(usersSource('team: Team'))))).toEqual([
    expect.stringMatching(/\[users\] Unknown type Team \(users:2\)$/),
  ]);
  expect(problemsOf(() => compose(config, sdlOf(aSource('users', 'type Query {'))))).toEqual([
    expect.stringMatching(/^users:\d+: Syntax Error/),
  ]);
});

test('a named subgraph without a schema is said so', () => {
  const config = readSupergraphConfig(supergraphYaml('users', 'content'));
  expect(problemsOf(() => compose(config, sdlOf(usersSource())))).toEqual([
    expect.stringMatching(/^content: .*supergraph.yaml names it/),
  ]);
});

test('what composition finds odd is told as a hint', () => {
  const config = readSupergraphConfig(supergraphYaml('users', 'content'));
  const described = (name: string, text: string) =>
    aSource(name, `"${text}"\ntype Fact @shareable { at: Int }\ntype Query { fact${name}: Fact }`);
  const { hints } = compose(config, sdlOf(described('users', 'one'), described('content', 'other')));
  expect(hints).toEqual([expect.stringContaining('INCONSISTENT_DESCRIPTION')]);
});

test('another version of federation than the installed one is refused', () => {
  const config = readSupergraphConfig(`federation_version: =2.1.0\n${supergraphYaml('users')}`);
  expect(problemsOf(() => compose(config, sdlOf(usersSource())))).toEqual([expect.stringContaining('=2.1.0')]);
});

test('each entry of supergraph.yaml that cannot be used is named', () => {
  const text =
    'subgraphs:\n  users: { routing_url: nowhere, schema: { file: a } }\n  content: { routing_url: http://a.test }\n';
  expect(problemsOf(() => readSupergraphConfig(text))).toEqual([
    'supergraph.yaml: users needs a routing_url.',
    'supergraph.yaml: content needs a schema.file.',
  ]);
  expect(problemsOf(() => readSupergraphConfig('subgraphs: {}'))).toHaveLength(1);
});

test('a directive that protects nothing, though somebody wrote it, is no composition', () => {
  const config = readSupergraphConfig(supergraphYaml('staff'));
  const staff = (scopes: string): SchemaSource => ({
    ...aSource('staff', ''),
    sdl: `
      extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@requiresScopes"])
      type Employee @key(fields: "id") { id: ID! pay: Int @requiresScopes(scopes: ${scopes}) }
      type Query { people: [Employee!]! }`,
  });
  expect(problemsOf(() => compose(config, sdlOf(staff('[]'))))).toEqual([expect.stringContaining('Employee.pay')]);
  expect(problemsOf(() => compose(config, sdlOf(staff('[["payroll"]]'))))).toEqual([]);
});
