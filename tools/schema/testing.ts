import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConsumedEvent, JsonSchema, ProducedEvent, SchemaSource } from './definition.ts';

const LINK =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@external"])';

/** A subgraph as small as a test needs it. */
export function aSource(
  name: string,
  sdl: string,
  events: { produces?: readonly ProducedEvent[]; consumes?: readonly ConsumedEvent[] } = {},
): SchemaSource {
  return { name, sdl: `${LINK}\n${sdl}`, events: { produces: events.produces ?? [], consumes: events.consumes ?? [] } };
}

export const usersSource = (more = '') =>
  aSource('users', `type User @key(fields: "id") { id: ID! name: String! ${more} }\ntype Query { viewer: User }`);

export const contentSource = (more = '') =>
  aSource(
    'content',
    `type User @key(fields: "id") { id: ID! posts: [Post!]! }
     type Post @key(fields: "id") { id: ID! author: User! status: PostStatus! publishedAt: DateTime ${more} }
     enum PostStatus { DRAFT PUBLISHED }
     scalar DateTime
     input CreatePostInput { title: String! }
     type CreatePostPayload { post: Post }
     type Query { post(id: ID!): Post }
     type Mutation { createPost(input: CreatePostInput!): CreatePostPayload! }`,
  );

export const anObject = (properties: Record<string, JsonSchema>, required = Object.keys(properties)): JsonSchema => ({
  type: 'object',
  properties,
  required,
});

/** rover's configuration for these subgraphs. */
export const supergraphYaml = (...names: readonly string[]) =>
  [
    'subgraphs:',
    ...names.map(
      (name) => `  ${name}: { routing_url: http://${name}.test/graphql, schema: { file: ./schema/${name}.graphql } }`,
    ),
  ].join('\n');

export const codegenYaml = (...names: readonly string[]) =>
  [
    'config: { federation: true, enumsAsTypes: true, useTypeImports: true, contextType: kit/context#Context }',
    'generates:',
    ...names.map(
      (name) =>
        `  ./schema/types/${name}.ts: { schema: ./schema/${name}.graphql, plugins: [typescript, typescript-resolvers] }`,
    ),
  ].join('\n');

/** A repository with these files, gone when the returned object is disposed of. */
export function aRepository(files: Readonly<Record<string, string>>): Disposable & { readonly root: string } {
  const root = mkdtempSync(join(tmpdir(), 'schema-'));
  for (const [path, content] of Object.entries(files)) writeFileSync(join(root, path), content);
  return { root, [Symbol.dispose]: () => rmSync(root, { recursive: true }) };
}
