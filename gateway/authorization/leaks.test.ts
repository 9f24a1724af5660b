import { findLeaks } from './leaks.ts';
import { composed, linked, supergraphOf } from './testing/graph.ts';

const leaksOf = (supergraphSdl: string) => findLeaks(supergraphOf(supergraphSdl)).map(({ message }) => message);
/** A composed supergraph with one of its lines changed, as something other than composition might have made it. */
function changed(supergraphSdl: string, from: string | RegExp, to: string): string {
  const text = supergraphSdl.replace(from, to);
  if (text === supergraphSdl) throw new Error(`nothing to change:\n${supergraphSdl}`);
  return text;
}
const LIBRARY = linked(`
  type Query { items: [Item!]!  found: [Found!]! }
  interface Item { id: ID!  secret: String  related: Found }
  union Found = Book | Film
  type Book implements Item @key(fields: "id") { id: ID!  secret: String @requiresScopes(scopes: [["a", "b"], ["c"]])  related: Vault }
  type Film implements Item @key(fields: "id") @authenticated { id: ID!  secret: String  related: Book }
  type Vault @authenticated { id: ID! }
  union All = Book | Film | Vault
`).replace('union Found = Book | Film', 'union Found = Book | Film | Vault');

describe('a supergraph as composition makes it has no leak', () => {
  test.each([
    ['without the directives', linked('type Query { open: String }')],
    ['with interfaces, unions and covariant fields', LIBRARY],
  ])('%s', (_name, sdl) => {
    expect(leaksOf(composed(sdl))).toEqual([]);
  });

  test('with an interface object', () => {
    const sdl = composed(
      linked(
        'type Query { item: Item } interface Item @key(fields: "id") { id: ID! } type Book implements Item @key(fields: "id") @authenticated { id: ID! }',
      ),
      linked('type Item @interfaceObject @key(fields: "id") { id: ID! secret: String @policy(policies: [["p"]]) }'),
    );
    expect(leaksOf(sdl)).toEqual([]);
  });
});

test('an interface that leaves open what a type behind it protects', () => {
  const sdl = changed(
    composed(LIBRARY),
    /(interface Item\n(?: {2}@.*\n)*\{\n {2}id: ID!\n {2}secret: String) @requiresScopes.*\n/,
    '$1\n',
  );
  expect(leaksOf(sdl)).toEqual([
    'Item.secret is open where Book.secret is protected, so the interface leaks it. Compose with version 2.12 or newer, which copies requirements to interfaces.',
  ]);
});

test('an interface that asks for less than a type behind it', () => {
  const scopes = '(interface Item[^}]*secret: String @requiresScopes\\(scopes: )\\[\\["a", "b"\\], \\["c"\\]\\]';
  expect(leaksOf(changed(composed(LIBRARY), new RegExp(scopes), '$1[["a"], ["c"]]'))).toHaveLength(1);
  expect(leaksOf(changed(composed(LIBRARY), new RegExp(scopes), '$1[["a", "b", "d"]]'))).toEqual([
    expect.stringMatching(/^Item.secret is protected and no type behind it is/),
  ]);
});

test('an interface that leaves open a type behind it', () => {
  const sdl = changed(composed(LIBRARY), /(interface Item\n {2}@join__type.*\n) {2}@authenticated\n/, '$1');
  expect(leaksOf(sdl).map((message) => message.split(',')[0])).toEqual([
    'Item.id is open where Film.id is protected',
    'Item.secret is open where Film.secret is protected',
    'Item.related is open where Film.related is protected',
  ]);
});

test('a field protected on an interface only; composition refuses to make it', () => {
  const sdl = linked(
    'type Query { item: Item } interface Item { id: ID! @authenticated } type Book implements Item { id: ID! }',
  );
  expect(() => composed(sdl)).toThrow('cannot be applied on interfaces');
  const open = composed(
    linked(
      'type Query { item: Item me: ID @authenticated } interface Item { id: ID! } type Book implements Item { id: ID! }',
    ),
  );
  expect(leaksOf(open)).toEqual([]);
  expect(leaksOf(changed(open, /(interface Item[^}]*id: ID!)/, '$1 @authenticated'))).toEqual([
    'Item.id is protected and no type behind it is: a fragment on Book reads it. Put the directive on the fields of those types.',
  ]);
});

describe('an open field computed from protected ones', () => {
  const requiring = (directive: string, fields = 'secret') => [
    linked(
      'type Query { book: Book } type Book @key(fields: "id") { id: ID! secret: String @authenticated vault: Vault } type Vault @requiresScopes(scopes: [["v"]]) { word: String }',
    ),
    linked(
      `type Book @key(fields: "id") { id: ID! secret: String @external vault: Vault @external computed: String @requires(fields: "${fields}") ${directive} } type Vault { word: String @external }`.replace(
        fields === 'secret' ? /vault: Vault @external | type Vault .*$/g : /secret: String @external/g,
        '',
      ),
    ),
  ];

  test('composition refuses @requires of a protected field, and we do where it did not', () => {
    expect(() => composed(...requiring(''))).toThrow('does not specify necessary @authenticated');
    const sdl = composed(...requiring('@authenticated'));
    expect(leaksOf(sdl)).toEqual([]);
    expect(leaksOf(changed(sdl, /(computed: String .*) @authenticated/, '$1'))).toEqual([
      'Book.computed is computed from protected fields of Book (@requires) that it does not protect itself. Put their directives on it too.',
    ]);
  });

  test('composition refuses @requires of what a protected type holds, and we do where it did not', () => {
    expect(() => composed(...requiring('', 'vault { word }'))).toThrow('does not specify necessary');
    const sdl = composed(...requiring('@requiresScopes(scopes: [["v", "w"]])', 'vault { word }'));
    expect(leaksOf(sdl)).toEqual([]);
    expect(leaksOf(changed(sdl, '[["v", "w"]]', '[["w"]]'))).toHaveLength(1);
  });

  const fromContext = (directive: string) =>
    linked(
      `type Query { book: Book } type Book @context(name: "c") @key(fields: "id") { id: ID! secret: String @authenticated page: Page }
       type Page @key(fields: "id") { id: ID! words(of: String @fromContext(field: "$c { secret }")): Int ${directive} }`,
    );

  test('composition refuses @fromContext of a protected field, and we do where it did not', () => {
    expect(() => composed(fromContext(''))).toThrow('does not specify necessary');
    const sdl = composed(fromContext('@authenticated'));
    expect(leaksOf(sdl)).toEqual([]);
    expect(leaksOf(changed(sdl, /(words: Int .*) @authenticated/, '$1'))).toEqual([
      'Page.words is computed from protected fields of Book (@fromContext) that it does not protect itself. Put their directives on it too.',
    ]);
  });
});

test('a directive that asks nothing', () => {
  for (const scopes of ['[]', '[[]]', '[["a"], []]']) {
    expect(leaksOf(composed(linked(`type Query { open: String @requiresScopes(scopes: ${scopes}) }`)))).toEqual([
      'Query.open has a directive that asks nothing. Name the scopes or policies it needs, or take the directive away.',
    ]);
  }
});

test('a directive that no @link makes ours', () => {
  const sdl = composed(linked('type Query { mine: String @authenticated }'));
  const unlinked = changed(sdl, / {2}@link\(url: "https:\/\/specs.apollo.dev\/authenticated.*\n/, '');
  expect(leaksOf(unlinked)).toEqual([
    expect.stringMatching(/^@authenticated comes from no @link, so it is not enforced/),
  ]);
});
