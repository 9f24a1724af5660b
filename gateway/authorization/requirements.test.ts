import {
  composed,
  filterFor,
  graphOf,
  linked,
  signedIn,
  anonymous,
  supergraphOf,
  withScopes,
} from './testing/graph.ts';
import { readRequirements } from './requirements.ts';

const SDL = `
  type Query { open: String  mine: String @authenticated  read: String @requiresScopes(scopes: [["read"]])  held: String @policy(policies: [["p"]]) }
`;
const ALL = ['mine: Query.mine', 'read: Query.read', 'held: Query.held'];
const refusedOf = (supergraphSdl: string) =>
  filterFor(graphOf(supergraphSdl), anonymous, '{ open mine read held }').refused;

test('directives of their usual names are enforced', () => {
  expect(refusedOf(composed(linked(SDL)))).toEqual(ALL);
});

test('directives renamed where subgraphs import them are enforced', () => {
  const renames =
    '{ name: "@authenticated", as: "@signedIn" }, { name: "@requiresScopes", as: "@may" }, { name: "@policy", as: "@rule" }';
  const sdl = SDL.replace('@authenticated', '@signedIn').replace('@requiresScopes', '@may').replace('@policy', '@rule');
  const supergraphSdl = composed(linked(sdl, renames));
  expect(supergraphSdl).toContain('mine: String @signedIn');
  expect(refusedOf(supergraphSdl)).toEqual(ALL);
});

test('directives that are not imported, and so prefixed in subgraphs, are enforced', () => {
  const sdl = SDL.replaceAll(/@(authenticated|requiresScopes|policy)/g, '@federation__$1');
  expect(refusedOf(composed(linked(sdl, '"@tag"')))).toEqual(ALL);
});

test('directives that a supergraph links under another name of the whole specification are enforced', () => {
  const supergraphSdl = composed(linked(SDL))
    .replace('authenticated/v0.1", for', 'authenticated/v0.1", as: "auth", for')
    .replace('directive @authenticated', 'directive @auth')
    .replace('mine: String @authenticated', 'mine: String @auth');
  expect(supergraphSdl).toContain('mine: String @auth\n');
  expect(refusedOf(supergraphSdl)).toEqual(ALL);
});

test('a directive of another specification under one of the names is not ours', () => {
  const supergraphSdl = composed(
    `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@composeDirective"])
       @link(url: "https://example.com/policy/v1.0", import: ["@policy"]) @composeDirective(name: "@policy")
     directive @policy(policies: [[String!]!]!) on FIELD_DEFINITION
     type Query { open: String  held: String @policy(policies: [["p"]]) }`,
  );
  expect(readRequirements(supergraphOf(supergraphSdl)).isEmpty).toBe(true);
});

test('subgraphs’ scopes for one field must all hold', () => {
  const subgraph = (scopes: string, root: string) =>
    linked(
      `${root} type Book @key(fields: "id") { id: ID!  secret: String @shareable @requiresScopes(scopes: ${scopes}) }`,
    );
  const graph = graphOf(composed(subgraph('[["a"]]', 'type Query { book: Book }'), subgraph('[["b"], ["c"]]', '')));
  const refusedFor = (...scopes: string[]) => filterFor(graph, withScopes(...scopes), '{ book { secret } }').refused;
  expect(refusedFor('a')).toEqual(['book.secret: Book.secret']);
  expect(refusedFor('b', 'c')).toEqual(['book.secret: Book.secret']);
  expect(refusedFor('a', 'c')).toEqual([]);
});

test('a directive on any subgraph’s part of a type protects all of it, root types included', () => {
  const graph = graphOf(
    composed(
      linked(
        'type Query { book: Book } type Mutation { publish: String } type Book @key(fields: "id") { id: ID! title: String }',
      ),
      linked(
        'extend type Mutation @authenticated { erase: String } extend type Book @key(fields: "id") @authenticated { id: ID! pages: Int }',
      ),
    ),
  );
  expect(filterFor(graph, anonymous, '{ book { title } }').left).toBeNull();
  expect(filterFor(graph, anonymous, 'mutation { publish }').left).toBeNull();
  expect(filterFor(graph, signedIn, 'mutation { publish erase }').refused).toEqual([]);
});

test('an interface object’s protected field is protected on every type behind the interface', () => {
  const graph = graphOf(
    composed(
      linked(
        'type Query { item: Item book: Book } interface Item @key(fields: "id") { id: ID! } type Book implements Item @key(fields: "id") { id: ID! }',
      ),
      linked('type Item @interfaceObject @key(fields: "id") { id: ID! secret: String @authenticated open: String }'),
    ),
  );
  const query = '{ item { secret open ... on Book { secret } } book { secret open } }';
  expect(filterFor(graph, anonymous, query)).toMatchObject({
    left: '{ item { open } book { open } }',
    refused: ['item.secret: Item.secret', 'item.secret: Book.secret', 'book.secret: Book.secret'],
  });
  expect(filterFor(graph, signedIn, query).refused).toEqual([]);
});
