import { composeServices } from '@apollo/composition';
import { getOperationAST, parse, print, type OperationDefinitionNode } from 'graphql';
import { loadGraph } from '../graph/graph.ts';
import type { Operation } from '../operation/operation.ts';
import { readHints, type CacheDeclaration } from './declarations.ts';
import { markDocument } from './marked.ts';
import { policyOf } from './policy.ts';

const typeDefs = parse(`
  extend schema
    @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@key", "@composeDirective", "@interfaceObject"])
    @link(url: "https://specs.example/cacheControl/v1.0", import: ["@cacheControl"])
    @composeDirective(name: "@cacheControl")
  directive @cacheControl(maxAge: Int, scope: CacheControlScope, inheritMaxAge: Boolean) on FIELD_DEFINITION | OBJECT | INTERFACE | UNION
  enum CacheControlScope { PUBLIC PRIVATE }
  type Query {
    count: Int
    kept: Int @cacheControl(maxAge: 5)
    book: Book @cacheControl(maxAge: 100, scope: PUBLIC)
    typed: Shelf
    bare: Book
    inherits: Int @cacheControl(inheritMaxAge: true)
    thing: Thing @cacheControl(maxAge: 100, scope: PUBLIC)
    found: Found @cacheControl(maxAge: 100, scope: PUBLIC)
  }
  type Book implements Thing @key(fields: "isbn edition") @key(fields: "id") {
    id: ID! isbn: Int! edition: Int!
    title: String
    price: Int @cacheControl(maxAge: 20)
    mark: Int @cacheControl(scope: PRIVATE)
    shelf: Shelf
    author: Author
    blurb: Blurb @cacheControl(inheritMaxAge: true)
  }
  type Shelf @cacheControl(maxAge: 50, scope: PUBLIC) { name: String  hidden: Int @cacheControl(maxAge: 0) }
  type Author { name: String }
  type Blurb { text: String }
  interface Thing { id: ID!  shelf: Shelf }
  union Found = Author | Draft
  type Draft @cacheControl(scope: PRIVATE) { text: String @cacheControl(scope: PUBLIC) }
  type Map implements Thing @key(fields: "id") { id: ID!  shelf: Shelf @cacheControl(maxAge: 7) }
`);
const { supergraphSdl = '' } = composeServices([{ name: 'library', url: 'http://x/', typeDefs }]);
const graph = loadGraph(supergraphSdl, false);

function policyFor(text: string, declaration: CacheDeclaration = {}, publicFields: readonly string[] = []) {
  const document = parse(text);
  const node = getOperationAST(document) as OperationDefinitionNode;
  return policyOf({ graph, document, node } as Operation, readHints(graph, declaration, publicFields));
}
const ageOf = (...given: Parameters<typeof policyFor>) => policyFor(...given)?.maxAgeSeconds ?? 0;

test.each([
  ['{ count }', 0],
  ['{ kept }', 5],
  ['{ kept count }', 0],
  ['{ inherits }', 0],
  ['{ book { title } }', 100],
  ['{ bare { title } }', 0],
  ['{ typed { name } }', 50],
  ['{ book { price } }', 20],
  ['{ book { shelf { name } } }', 50],
  ['{ book { shelf { hidden } } }', 0],
  ['{ book { author { name } } }', 0],
  ['{ book { blurb { text } } }', 100],
  ['{ thing { shelf { name } } }', 7],
  ['{ thing { ... on Book { shelf { name } } } }', 50],
  ['query ($a: Boolean!) { book { title price @include(if: $a) } }', 20],
  ['{ book { ...f } } fragment f on Book { price }', 20],
  ['{ book { title } __schema { types { name } } }', 0],
  ['{ __typename }', 0],
])('%s may be kept for %d s', (text, seconds) => {
  expect(ageOf(text)).toBe(seconds);
});

test('mutations and subscriptions are not kept, whatever is declared', () => {
  const document = parse('mutation { book { title } }');
  const node = getOperationAST(document) as OperationDefinitionNode;
  expect(policyOf({ graph, document, node } as Operation, readHints(graph, {}, []))).toBeNull();
});

test('a product’s own word goes before, and PRIVATE of either holds', () => {
  const hints = { 'Query.count': { maxAge: 9 }, Book: { maxAge: 30 }, 'Book.mark': { scope: 'PUBLIC' } } as const;
  expect(ageOf('{ count }', { hints })).toBe(9);
  expect(ageOf('{ bare { title } }', { hints })).toBe(30);
  const scope = (text: string, publicFields: readonly string[]) => policyFor(text, { hints }, publicFields)?.scope;
  expect(scope('{ book { title } }', [])).toBe('PRIVATE');
  expect(scope('{ book { title } }', ['Book.title'])).toBe('PUBLIC');
  expect(scope('{ book { title mark } }', ['Book.title', 'Book.mark'])).toBe('PRIVATE');
});

test('PRIVATE holds behind an interface or union too', () => {
  const publicFields = ['Thing.id', 'Book.*', 'Author.*'];
  const scope = (text: string, hints = {}) => policyFor(text, { hints }, publicFields)?.scope;
  expect(scope('{ thing { id ... on Book { title } } }')).toBe('PUBLIC');
  for (const hints of [{ Book: { scope: 'PRIVATE' } }, { 'Book.id': { scope: 'PRIVATE' } }]) {
    expect(scope('{ thing { id } }', hints)).toBe('PRIVATE');
  }
  expect(scope('{ thing { ... on Book { title } } }', { Book: { scope: 'PRIVATE' } })).toBe('PRIVATE');
  expect(scope('{ found { ... on Draft { text } } }')).toBe('PRIVATE');
  expect(scope('{ found { ... on Author { name } } }')).toBe('PRIVATE');
});

test('an answer has the tags of the types that it may show and of the fields that lead to objects', () => {
  expect([...(policyFor('{ thing { shelf { name } } }')?.tags ?? [])].sort()).toEqual(
    ['Book', 'Book.shelf', 'Map', 'Map.shelf', 'Query.thing', 'Shelf', 'Thing', 'Thing.shelf'].sort(),
  );
  expect([...(policyFor('{ found { ... on Draft { text } } }')?.tags ?? [])].sort()).toEqual(
    ['Author', 'Draft', 'Found', 'Query.found'].sort(),
  );
});

test('marks name each object by its shortest key', () => {
  const marked = markDocument(graph, parse('{ thing { shelf { name } } book { mark_: title } }'));
  const tags = new Set<string>();
  const prefix = 'mark__';
  marked?.collectTags(
    [
      { [prefix]: 'Book', [`${prefix}Book_id`]: '1', shelf: { [prefix]: 'Shelf' } },
      { nested: [[{ [prefix]: 'Map', [`${prefix}Map_id`]: 2 }]] },
      { [prefix]: 'Book', [`${prefix}Book_id`]: null },
      null,
    ],
    tags,
  );
  expect([...tags].sort()).toEqual(['Book', 'Book:1', 'Map', 'Map:2', 'Shelf']);
});

test('marks tell which objects an object was asked for, whatever the client calls them', () => {
  const marked = markDocument(graph, parse('{ book { title place: shelf { name } } }'));
  const [operation] = marked?.document.definitions ?? [];
  const text = operation ? print(operation) : '';
  expect(text).toContain('mark_0_shelf: __typename');
  const tags = new Set<string>();
  const book = { mark_: 'Book', mark_Book_id: '1', mark_0_shelf: 'Book', title: 'Emma' };
  marked?.collectTags({ book, bare: { mark_: 'Book', mark_Book_id: '2', title: 'Emma' } }, tags);
  expect([...tags].sort()).toEqual(['Book', 'Book:1', 'Book:1.shelf', 'Book:2']);
});
