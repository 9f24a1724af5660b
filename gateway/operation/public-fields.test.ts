import { composeServices } from '@apollo/composition';
import { Supergraph } from '@apollo/federation-internals';
import { parse, type OperationDefinitionNode } from 'graphql';
import type { Graph } from '../graph/graph.ts';
import { isPublicOperation } from './public-fields.ts';

const typeDefs = (name: string) =>
  parse(`
    extend schema
      @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@key", "@composeDirective", "@authenticated"])
      @link(url: "https://specs.example/cacheControl/v1.0", import: [{ name: "@cacheControl", as: "@${name}" }])
      @composeDirective(name: "@${name}")
    directive @${name}(maxAge: Int, scope: CacheControlScope) on FIELD_DEFINITION | OBJECT | INTERFACE | UNION
    enum CacheControlScope { PUBLIC PRIVATE }
    type Query {
      book: Book @${name}(scope: PUBLIC)
      shelved: Shelved @${name}(scope: PUBLIC)
      anything: Anything @${name}(scope: PUBLIC)
      mine: Book
      secret: String @${name}(scope: PUBLIC) @authenticated
    }
    interface Shelved { id: ID!  title: String @${name}(scope: PUBLIC)  mark: Int @${name}(scope: PUBLIC) }
    union Anything = Book | Map
    type Book implements Shelved @key(fields: "id") @${name}(scope: PUBLIC, maxAge: 60) {
      id: ID!
      title: String
      mark: Int @${name}(scope: PRIVATE)
      isRead: Boolean @${name}(scope: PRIVATE)
      pages: Int @${name}(maxAge: 5)
    }
    type Map implements Shelved @key(fields: "id") { id: ID!  title: String  mark: Int  scale: Int }
  `);

function graphWith(name: string): Graph {
  const { supergraphSdl, errors } = composeServices([{ name: 'library', url: 'http://x/', typeDefs: typeDefs(name) }]);
  if (!supergraphSdl) throw new Error(errors?.map(String).join('\n'));
  const supergraph = Supergraph.buildForTests(supergraphSdl);
  return {
    schema: supergraph.apiSchema().toGraphQLJSSchema(),
    supergraphSchema: supergraph.schema.toGraphQLJSSchema(),
  } as Graph;
}

describe.each(['cacheControl', 'cache'])('declared by @%s', (name) => {
  const graph = graphWith(name);
  const isPublic = (text: string, publicFields: readonly string[] = []): boolean => {
    const document = parse(text);
    return isPublicOperation(
      graph,
      { document, node: document.definitions[0] as OperationDefinitionNode },
      { publicFields },
    );
  };

  test.each([
    ['{ book { id title pages __typename } }', true],
    ['{ __schema { types { name } } book { id } }', true],
    ['query ($a: Boolean!) { book { ...parts @include(if: $a) } } fragment parts on Book { title }', true],
    ['{ book { title isRead } }', false],
    ['{ book { ...parts } } fragment parts on Book { isRead }', false],
    ['{ mine { id } }', false],
    ['{ shelved { title } }', true],
    ['{ shelved { id } }', false],
    ['{ shelved { mark } }', false],
    ['{ anything { ... on Book { title } } }', true],
    ['{ anything { ... on Map { scale } } }', false],
    ['{ secret }', false],
    ['{ book { id } } query other { mine { id } }', true],
  ])('%s: %s', (text, expected) => {
    expect(isPublic(text)).toBe(expected);
  });

  test('a list of coordinates declares too, and does not outweigh PRIVATE or a directive on viewers', () => {
    const list = ['Query.mine', 'Map.*', 'Book.isRead', 'Query.secret'];
    expect(isPublic('{ mine { title } shelved { ... on Map { scale } } }', list)).toBe(true);
    expect(isPublic('{ mine { isRead } }', list)).toBe(false);
    expect(isPublic('{ secret }', list)).toBe(false);
  });
});

test('without any declaration everything is private', () => {
  const sdl = composeServices([
    { name: 'a', url: 'http://x/', typeDefs: parse('type Query { a: Int }') },
  ]).supergraphSdl;
  const supergraph = Supergraph.build(sdl ?? '');
  const graph = {
    schema: supergraph.apiSchema().toGraphQLJSSchema(),
    supergraphSchema: supergraph.schema.toGraphQLJSSchema(),
  };
  const document = parse('{ a }');
  const operation = { document, node: document.definitions[0] as OperationDefinitionNode };
  expect(isPublicOperation(graph as Graph, operation, { publicFields: [] })).toBe(false);
});
