import { SchemaProblem } from './definition.ts';
import { authoredSdl } from './sdl.ts';

const PRINTED = `
schema @link(url: "https://specs.apollo.dev/federation/v2.11", import: ["@key"]) { query: Query }
directive @link(url: String, import: [link__Import]) repeatable on SCHEMA
directive @key(fields: federation__FieldSet!) repeatable on OBJECT
directive @federation__override(from: String!) on FIELD_DEFINITION
directive @audited(why: String!) on FIELD_DEFINITION
scalar link__Import
scalar federation__FieldSet
scalar _Any
union _Entity = Post
type _Service { sdl: String }
"A text."
type Post @key(fields: "id") { id: ID! _secret: String title: String @audited(why: "law") }
type Query { _entities(representations: [_Any!]!): [_Entity]! _service: _Service! post: Post }`;

test('only what people wrote is kept', () => {
  expect(authoredSdl('content', PRINTED)).toMatchInlineSnapshot(`
   "schema @link(url: "https://specs.apollo.dev/federation/v2.11", import: ["@key"]) {
     query: Query
   }

   directive @audited(why: String!) on FIELD_DEFINITION

   "A text."
   type Post @key(fields: "id") {
     id: ID!
     _secret: String
     title: String @audited(why: "law")
   }

   type Query {
     post: Post
   }
   "
  `);
});

test('what has nothing of federation is printed as it is, twice the same', () => {
  const once = authoredSdl('content', 'type Query { a: Int }');
  expect(once).toBe('type Query {\n  a: Int\n}\n');
  expect(authoredSdl('content', once)).toBe(once);
});

test('SDL that cannot be read names its subgraph and line', () => {
  expect(() => authoredSdl('content', 'type Query {\n  a:\n}')).toThrow(SchemaProblem);
  expect(() => authoredSdl('content', 'type Query {\n  a:\n}')).toThrow(/^content:3: Syntax Error/);
});
