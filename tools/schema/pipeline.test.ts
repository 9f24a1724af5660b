import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { SchemaProblem } from './definition.ts';
import { driftOf, writeArtifacts } from './drift.ts';
import { runPipeline } from './pipeline.ts';
import { anObject, aRepository, aSource, codegenYaml, contentSource, supergraphYaml, usersSource } from './testing.ts';

const both = { 'supergraph.yaml': supergraphYaml('users', 'content'), 'codegen.yml': codegenYaml('users', 'content') };

test('writes every file once and then finds nothing to write', async () => {
  using repository = aRepository(both);
  const first = await runPipeline(repository.root, [usersSource(), contentSource()]);
  expect(writeArtifacts(repository.root, first.artifacts, first.kept)).toEqual([
    'schema/users.graphql',
    'schema/content.graphql',
    'schema/supergraph.graphql',
    'schema/api.graphql',
    'schema/events.json',
    'schema/access.json',
    'schema/types/users.ts',
    'schema/types/content.ts',
  ]);
  const second = await runPipeline(repository.root, [usersSource(), contentSource()]);
  expect(driftOf(repository.root, second.artifacts, second.kept)).toEqual([]);
  expect(writeArtifacts(repository.root, second.artifacts, second.kept)).toEqual([]);
});

test('the generated types erase to nothing and say null, not any, of what may be missing', async () => {
  using repository = aRepository({
    ...both,
    'codegen.yml': readFileSync(join(import.meta.dirname, '../../codegen.yml'), 'utf8'),
  });
  const { artifacts } = await runPipeline(repository.root, [usersSource(), contentSource()]);
  const types = artifacts.get('schema/types/content.ts') ?? '';
  const code = stripTypeScriptTypes(types, { mode: 'strip' }).replace(/\/\/.*|\/\*[^]*?\*\//g, '');
  expect(code.replace(/export \{\s*\};?|[\s;]/g, '')).toBe('');
  expect(types).toContain("import type { Context } from 'kit/context';");
  expect(types).toContain("| 'PUBLISHED'");
  expect(types).toContain('publishedAt?: Maybe<');
  expect(types).toContain('export type Maybe<T> = T | null;');
  expect(types).toMatch(/Post: Partial<Post \| FederationReferenceTypes\['Post'\]>/);
});

test('drift names each file and its first line that differs', async () => {
  using repository = aRepository(both);
  const before = await runPipeline(repository.root, [usersSource(), contentSource()]);
  writeArtifacts(repository.root, before.artifacts, before.kept);
  writeFileSync(join(repository.root, 'schema/old.graphql'), 'type Query { a: Int }');
  const after = await runPipeline(repository.root, [usersSource('email: String'), contentSource()]);
  const drift = driftOf(repository.root, after.artifacts, after.kept);
  expect(drift).toContain('schema/users.graphql:6: has "}", should be "email: String"');
  expect(drift).toContainEqual(
    expect.stringMatching(/^schema\/api\.graphql:\d+: has "id: ID!", should be "email: String"$/),
  );
  expect(drift).toContain('schema/old.graphql: no longer generated');
  expect(drift.some((line) => line.startsWith('schema/content.graphql'))).toBe(false);
  writeArtifacts(repository.root, after.artifacts, after.kept);
  expect(existsSync(join(repository.root, 'schema/old.graphql'))).toBe(false);
});

test('a consumer and a producer that disagree stop the pipeline', async () => {
  using repository = aRepository(both);
  const listening = aSource('users', 'type Query { a: Int }', {
    consumes: [{ type: 'post.saved', version: 1, payload: anObject({}) }],
  });
  await expect(runPipeline(repository.root, [listening, contentSource()])).rejects.toThrow(SchemaProblem);
});

test('a subgraph that is not ours is composed from its file and kept', async () => {
  using repository = aRepository({ ...both, 'codegen.yml': codegenYaml('users') });
  await expect(runPipeline(repository.root, [usersSource()])).rejects.toThrow(/^content: .*supergraph.yaml names it/);
  const theirs = new Map([['schema/content.graphql', contentSource().sdl]]);
  writeArtifacts(repository.root, theirs, new Set());
  const { artifacts, kept, notes } = await runPipeline(repository.root, [usersSource()]);
  expect(artifacts.get('schema/api.graphql')).toContain('type Post');
  expect(notes).toEqual([expect.stringContaining('composed from schema/content.graphql')]);
  writeArtifacts(repository.root, artifacts, kept);
  expect(existsSync(join(repository.root, 'schema/content.graphql'))).toBe(true);
});

test('a subgraph that nothing composes or generates types for is said so', async () => {
  using repository = aRepository({ ...both, 'supergraph.yaml': supergraphYaml('users') });
  const { notes } = await runPipeline(repository.root, [usersSource(), contentSource()]);
  expect(notes).toEqual(['content: not composed, supergraph.yaml does not name it.']);
  writeFileSync(join(repository.root, 'codegen.yml'), codegenYaml('users'));
  await expect(runPipeline(repository.root, [usersSource(), contentSource()])).rejects.toThrow(
    'codegen.yml: no entry reads schema/content.graphql.',
  );
});

test('a subgraph whose only root fields are those of federation composes', async () => {
  using repository = aRepository(both);
  const printed = `schema { query: Query } type Query { _service: _Service! } type _Service { sdl: String }
    extend type User @key(fields: "id") { id: ID! rank: Int }`;
  const { artifacts } = await runPipeline(repository.root, [usersSource(), aSource('content', printed)]);
  expect(artifacts.get('schema/api.graphql')).toContain('rank: Int');
});
