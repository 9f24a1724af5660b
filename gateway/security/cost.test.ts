import { composeServices } from '@apollo/composition';
import { Supergraph } from '@apollo/federation-internals';
import { buildASTSchema, parse, validate, type OperationDefinitionNode } from 'graphql';
import { checkCost, compileCost, defaultCostOptions, type CostedGraph, type CostOptions } from './cost.ts';

/** A composed supergraph, as a gateway has it; `imports` say by what names the subgraph knows the directives. */
function graphOf(types: string, imports = '"@cost", "@listSize"'): CostedGraph & { readonly sdl: string } {
  const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", ${imports}])`;
  const { supergraphSdl, errors } = composeServices([
    { name: 'one', url: 'http://one', typeDefs: parse(link + types) },
  ]);
  if (!supergraphSdl) throw new Error(errors?.map(String).join('\n'));
  const schema = Supergraph.build(supergraphSdl).apiSchema().toGraphQLJSSchema();
  return { schema, supergraphSchema: buildASTSchema(parse(supergraphSdl)), sdl: supergraphSdl };
}

type Variables = Readonly<Record<string, unknown>>;

function costOf(graph: CostedGraph, text: string, variables?: Variables, options: Partial<CostOptions> = {}): number {
  const document = parse(text);
  expect(validate(graph.schema, document)).toEqual([]);
  const operation = document.definitions[0] as OperationDefinitionNode;
  return compileCost(graph, document, operation, { ...defaultCostOptions, ...options })(variables);
}

const library = graphOf(`
  type Query {
    me: Reader
    count: Int
    books: [Book!]!
    shelf(first: Int = 5, last: Int): [Book]
    feed(first: Int, after: String, last: Int): BookConnection!
    search(text: String): [Thing!]!
    thing: Thing
    node(id: ID): Node
    grid: [[Book!]!]
  }
  type Mutation { rename(input: RenameInput!): Book  renameAll(inputs: [RenameInput!]!): Int  touch: Int }
  type Subscription { renamed: Book }
  input RenameInput { id: ID  title: String  also: [RenameInput!] }
  interface Node { id: ID!  related(first: Int): [Node!]! }
  type Reader implements Node { id: ID!  related(first: Int): [Node!]!  name: String  favourite: Book }
  type Book implements Node { id: ID!  related(first: Int): [Node!]!  title: String  writer: Reader  tags: [String!]! }
  union Thing = Reader | Book
  type BookConnection { edges: [BookEdge!]!  nodes: [Book!]!  pageInfo: PageInfo! }
  type BookEdge { cursor: String  node: Book }
  type PageInfo { hasNextPage: Boolean }
`);
const ofLibrary = (text: string, variables?: Variables, options?: Partial<CostOptions>) =>
  costOf(library, text, variables, options);

describe('without directives', () => {
  test.each([
    ['leaves are free', '{ count __typename }', 0],
    ['an object is 1', '{ me { name } }', 1],
    ['and so is each below it', '{ me { favourite { writer { name } } } }', 3],
    ['a list of which nothing is known has 10 entries', '{ books { title writer { name } } }', 20],
    ['a list of lists has 10 times as many', '{ grid { title } }', 100],
    ['lists of leaves are free', '{ me { favourite { tags } } }', 2],
    ['a mutation’s root field is 10 beside what it returns', 'mutation { touch a: touch }', 20],
    [
      'input objects are 1 each, in lists and in each other',
      'mutation { rename(input: { also: [{ id: 1 }, { id: 2 }] }) { id } }',
      10 + 1 + 3,
    ],
    ['a subscription is what one event is', 'subscription { renamed { title } }', 1],
    ['introspection is 100', '{ __schema { types { fields { name } } } __type(name: "Book") { name } }', 200],
  ])('%s', (_name, text, cost) => {
    expect(ofLibrary(text)).toBe(cost);
  });

  test.each([
    ['a page argument is the size of a list', '{ shelf(first: 7) { id } }', 7],
    ['of the two the larger', '{ shelf(first: 7, last: 9) { id } }', 9],
    ['its default in the schema counts where it is absent', '{ shelf { id } }', 5],
    ['and not where it is null', '{ shelf(first: null) { id } }', 20],
    ['which does not matter beside a number', '{ shelf(first: null, last: 3) { id } }', 3],
    ['of a connection it is the size of edges', '{ feed(first: 3) { edges { node { id } } } }', 1 + 3 * 2],
    ['and of nodes', '{ feed(first: 3) { nodes { id } pageInfo { hasNextPage } } }', 1 + 3 + 1],
    [
      'through fragments too',
      '{ feed(first: 3) { ...f ... { nodes { id } } } } fragment f on BookConnection { edges { node { id } } }',
      1 + 6 + 3,
    ],
    ['a page without argument has 20 entries', '{ feed { nodes { id } } }', 21],
    ['a page of none costs nothing below', '{ feed(first: 0) { edges { node { id } } } }', 1],
    ['a negative page is a page', '{ feed(first: -5) { nodes { id } } }', 21],
    ['pages in pages multiply', '{ node { related(first: 3) { related(first: 4) { id } } } }', 1 + 3 + 12],
  ])('%s', (_name, text, cost) => {
    expect(ofLibrary(text)).toBe(cost);
  });

  test('fragments are counted each time they are spread, and variables in them', () => {
    const text = `query ($n: Int = 2) { a: feed(first: $n) { ...f } b: feed(first: 4) { ...f } ...g ...g }
      fragment f on BookConnection { nodes { ...h } } fragment g on Query { shelf(first: $n) { ...h } } fragment h on Book { related(first: $n) { id } }`;
    const expected = (n: number) => 1 + n * (1 + n) + 1 + 4 * (1 + n) + 2 * n * (1 + n);
    expect(ofLibrary(text)).toBe(expected(2));
    expect(ofLibrary(text, { n: 7 })).toBe(expected(7));
  });

  test('of an interface or union the dearest type counts, not all together', () => {
    const things =
      '{ thing { __typename ... on Reader { favourite { id } } ... on Book { writer { favourite { id } } } } }';
    expect(ofLibrary(things)).toBe(1 + 2);
    expect(
      ofLibrary(
        '{ node { related(first: 2) { id } ... on Node { ... on Book { writer { id } } } ...r ...r } } fragment r on Reader { favourite { id } }',
      ),
    ).toBe(1 + 2 + 2);
    expect(
      ofLibrary(
        '{ thing { ...n } } fragment n on Node { id ... on Book { writer { id } } ... on Reader { favourite { id } } }',
      ),
    ).toBe(1 + 1);
    expect(
      ofLibrary('{ search { ... on Node { related(first: 2) { id } } ... on Reader { favourite { id } } } }'),
    ).toBe(10 * (1 + 2 + 1));
  });

  test('what a literal leaves out is free, what a variable may is not', () => {
    expect(ofLibrary('{ me @skip(if: true) { id } ... @include(if: false) { me { id } } }')).toBe(0);
    expect(ofLibrary('{ me @skip(if: false) { id } books @include(if: true) { id } }')).toBe(11);
    const text =
      'query ($no: Boolean!) { me @skip(if: $no) { id } ...f @include(if: $no) } fragment f on Query { me { id } }';
    expect(ofLibrary(text, { no: true })).toBe(2);
    expect(ofLibrary(text, { no: false })).toBe(2);
  });

  test('every default can be set', () => {
    const options = {
      objectWeight: 2,
      leafWeight: 1,
      inputObjectWeight: 0,
      mutationWeight: 0,
      introspectionWeight: 3,
      listSize: 4,
      pageSize: 6,
    };
    expect(ofLibrary('{ books { title } }', {}, options)).toBe(4 * 3);
    expect(ofLibrary('{ feed { nodes { id } } }', {}, options)).toBe(2 + 6 * 3);
    expect(ofLibrary('mutation { renameAll(inputs: [{ id: 1 }]) }', {}, options)).toBe(1);
    expect(ofLibrary('{ __schema { types { name } } }', {}, options)).toBe(3);
    expect(ofLibrary('{ shelf(first: 3) { id } }', {}, { pageArguments: [] })).toBe(10);
  });
});

describe('variables', () => {
  const text = 'query ($first: Int) { feed(first: $first) { nodes { id } } }';
  test.each([
    [{ first: 3 }, 4],
    [{}, 21],
    [undefined, 21],
    [{ first: null }, 21],
    [{ first: 0 }, 1],
    [{ first: -1 }, 21],
    [{ first: Number.NaN }, 21],
    [{ first: 'many' }, 21],
    [{ first: '40' }, 41],
    [{ first: 2.5 }, 4],
    [{ first: {} }, 21],
    [{ first: Number.POSITIVE_INFINITY }, 2_147_483_648],
    [{ first: '9'.repeat(400) }, 2_147_483_648],
  ])('%j is sized sanely', (variables, cost) => {
    expect(ofLibrary(text, variables)).toBe(cost);
  });

  test('that are null have no default, those that are absent have', () => {
    const shelf = 'query ($first: Int) { shelf(first: $first) { id } }';
    expect(ofLibrary(shelf, {})).toBe(5);
    expect(ofLibrary(shelf, { first: null })).toBe(20);
    expect(ofLibrary(shelf.replace('Int', 'Int = 3'), { first: null })).toBe(20);
    expect(ofLibrary(shelf, { first: null }, { pageSize: 4 })).toBe(5);
  });

  test('in input objects count what they hold', () => {
    const rename =
      'mutation ($input: RenameInput!, $title: String) { rename(input: $input) { id } r: rename(input: { title: $title, also: [$input] }) { id } }';
    const input = { id: 1, also: [{ title: 'a' }, { title: 'b', also: null }], unknown: {} };
    expect(ofLibrary(rename, { input })).toBe(2 * (10 + 1) + 3 + 1 + 3);
    const all = 'mutation ($inputs: [RenameInput!]!) { renameAll(inputs: $inputs) }';
    expect(ofLibrary(all, { inputs: Array.from({ length: 5000 }, () => ({ id: 1 })) })).toBe(5010);
    let bottomless: unknown = {};
    for (let level = 0; level < 100_000; level++) bottomless = { also: [bottomless] };
    expect(ofLibrary(all, { inputs: bottomless })).toBe(Number.MAX_SAFE_INTEGER);
  });

  test('are not asked where they do not matter', () => {
    const document = parse('query ($id: ID) { node(id: $id) { id } }');
    const cost = compileCost(library, document, document.definitions[0] as OperationDefinitionNode);
    expect([cost(), cost({ id: 'x' })]).toEqual([1, 1]);
  });
});

const directed = `
  type Query {
    plain(first: Int): [Heavy!]! @shareable
    weighed(by: Int @price(weight: 3), filter: Filter @price(weight: 2)): Leaf @price(weight: 5)
    assumed: [Heavy!]! @size(assumedSize: 7)
    sliced(limit: Int, top: Int): [Heavy!]! @size(slicingArguments: ["limit", "top"], assumedSize: 4, requireOneSlicingArgument: false)
    strict(first: Int, last: Int): [Leaf!]! @size(slicingArguments: ["first", "last"])
    lenient(first: Int = 6): [Heavy!]! @size(slicingArguments: ["first"])
    page(take: Int!): Page! @size(slicingArguments: ["take"], sizedFields: ["items", "more"])
    either: Either
    owned(first: Int): Owned
  }
  interface Owned { id: ID!  things: [Leaf!]! }
  type Own implements Owned @key(fields: "id") { id: ID!  things: [Leaf!]! @price(weight: 9) @size(assumedSize: 2) }
  union Either = Heavy | Light
  scalar Big @price(weight: 2)
  enum Size @price(weight: 3) { S }
  type Heavy @price(weight: 4) { id: ID!  big: Big  size: Size }
  type Light @price(weight: 0) { id: ID! }
  type Leaf { id: ID! }
  type Page { items: [Leaf!]!  more: [Heavy!]!  rest: [Leaf!]!  inner: Page }
  input Filter { text: String @price(weight: 8)  size: Size }
`;

describe.each([
  ['imported under other names', directed, '{ name: "@cost", as: "@price" }, { name: "@listSize", as: "@size" }'],
  ['under their own names', directed.replaceAll('@price', '@cost').replaceAll('@size', '@listSize'), undefined],
  [
    'under federation’s prefix',
    directed.replaceAll('@price', '@federation__cost').replaceAll('@size', '@federation__listSize'),
    '"@tag"',
  ],
])('directives %s', (_name, types, imports) => {
  const graph = graphOf(types, imports);
  test.each([
    ['an object’s weight', '{ plain(first: 2) { id } }', 8],
    ['a scalar’s and an enum’s', '{ plain(first: 2) { big size } }', 2 * (4 + 2 + 3)],
    ['a field’s goes before its type’s', '{ weighed { id } }', 5],
    ['an argument’s', '{ weighed(by: 1) { id } }', 5 + 3],
    ['none for an argument that is null', '{ weighed(by: null) { id } }', 5],
    ['an input object’s, with its fields', '{ weighed(filter: { text: "a", size: S }) { id } }', 5 + 2 + 8 + 3],
    ['an assumed size', '{ assumed { id } }', 28],
    ['a slicing argument', '{ sliced(limit: 3) { id } }', 12],
    ['the larger of two', '{ sliced(limit: 3, top: 2) { id } }', 12],
    ['neither: the assumed size', '{ sliced { id } }', 16],
    ['a slicing argument’s default', '{ lenient { id } }', 24],
    ['sized fields, and only those', '{ page(take: 3) { items { id } more { id } rest { id } } }', 1 + 3 + 12 + 10],
    ['a union’s dearest type', '{ either { ... on Light { id } } }', 4],
    ['an interface’s field as its objects have it', '{ owned { things { id } } }', 1 + 18],
  ])('%s', (_title, text, cost) => {
    expect(costOf(graph, text)).toBe(cost);
  });

  test('are read from the supergraph’s document as from its schema', () => {
    expect(costOf({ ...graph, supergraphSchema: parse(graph.sdl) }, '{ assumed { id } }')).toBe(28);
  });

  test('sizes come through variables', () => {
    const text = 'query ($limit: Int, $top: Int) { sliced(limit: $limit, top: $top) { id } }';
    expect(costOf(graph, text, { limit: 2, top: 3 })).toBe(12);
    expect(costOf(graph, text, { limit: 2 })).toBe(8);
    expect(costOf(graph, text, {})).toBe(16);
  });

  test('exactly one slicing argument is taken where one is required', () => {
    const refused = expect.objectContaining({
      extensions: expect.objectContaining({
        code: 'COST_INVALID_SLICING_ARGUMENTS',
        coordinate: 'Query.strict',
      }) as unknown,
    }) as Error;
    expect(costOf(graph, '{ strict(first: 2) { id } }')).toBe(2);
    expect(() => costOf(graph, '{ strict { id } }')).toThrow(refused);
    expect(() => costOf(graph, '{ strict(first: 2, last: 2) { id } }')).toThrow(refused);
    const text = 'query ($first: Int, $last: Int) { strict(first: $first, last: $last) { id } }';
    expect(costOf(graph, text, { first: 3 })).toBe(3);
    expect(() => costOf(graph, text, {})).toThrow(refused);
    expect(() => costOf(graph, text, { first: 3, last: 3 })).toThrow(refused);
  });
});

describe('through an interface', () => {
  const graph = graphOf(`
    type Query { thing: Thing }
    interface Thing {
      scan(depth: Int, filter: Filter): Int
      owner: Leaf
      parts: [Leaf!]!
      others: [Leaf!]!
      more(first: Int): [Leaf!]!
      some(first: Int, last: Int): [Leaf!]!
      all: [Leaf!]!
      page(first: Int): Page
    }
    type Small implements Thing {
      scan(depth: Int @cost(weight: 1), filter: Filter @cost(weight: 0)): Int
      owner: Leaf @cost(weight: 0)
      parts: [Leaf!]! @listSize(assumedSize: 1)
      others: [Leaf!]! @listSize(assumedSize: 1)
      more(first: Int): [Leaf!]!
      some(first: Int, last: Int): [Leaf!]! @listSize(slicingArguments: ["first"], requireOneSlicingArgument: false)
      all: [Leaf!]! @listSize(assumedSize: 7)
      page(first: Int): Page @listSize(assumedSize: 2, sizedFields: ["items"])
    }
    type Vast implements Thing {
      scan(depth: Int @cost(weight: 300), filter: Filter): Int
      owner: Leaf
      parts: [Leaf!]! @listSize(assumedSize: 1000)
      others: [Leaf!]!
      more(first: Int = 900): [Leaf!]!
      some(first: Int, last: Int): [Leaf!]! @listSize(slicingArguments: ["first", "last"])
      all(first: Int): [Leaf!]! @listSize(slicingArguments: ["first"])
      page(first: Int): Page @listSize(slicingArguments: ["first"], sizedFields: ["items", "rest"])
    }
    type Leaf { id: ID! }
    type Page { items: [Leaf!]!  rest: [Leaf!]! }
    input Filter { text: String }
  `);
  test.each([
    ['an argument weighs what it does on its dearest object', 'scan(depth: 1)', 300],
    ['an input object is plain on one of them', 'scan(filter: { text: "a" })', 1],
    ['and so is a field', 'owner { id }', 1],
    ['a list is as long as the longest', 'parts { id }', 1000],
    ['one of which nothing is known is a list too', 'others { id }', 10],
    ['an object’s own default counts', 'more { id }', 900],
    ['unless a page is asked for', 'more(first: 3) { id }', 3],
    ['sliced by different arguments it is what the largest of them says', 'some(first: 2) { id }', 2],
    ['or what is assumed without them', 'some(last: 2) { id }', 20],
    ['an argument that the interface lacks is not asked for', 'all { id }', 20],
    ['sized fields are as long as the longest', 'page(first: 1) { items { id } }', 1 + 2],
    ['whichever that is', 'page(first: 3) { items { id } }', 1 + 3],
    ['one that is not sized everywhere is a list somewhere', 'page(first: 3) { items { id } rest { id } }', 1 + 3 + 10],
    ['but may be longer where it is', 'page(first: 30) { rest { id } }', 1 + 30],
  ])('%s', (_name, selection, cost) => {
    expect(costOf(graph, `{ thing { ${selection} } }`)).toBe(1 + cost);
  });

  test('the dearest is told by the variables', () => {
    const text = 'query ($first: Int) { thing { page(first: $first) { items { id } } } }';
    expect(costOf(graph, text, { first: 1 })).toBe(1 + 1 + 2);
    expect(costOf(graph, text, { first: 5 })).toBe(1 + 1 + 5);
  });

  test('one slicing argument is required where one of the objects requires it', () => {
    const refused = expect.objectContaining({
      extensions: expect.objectContaining({ coordinate: 'Thing.some' }) as unknown,
    }) as Error;
    expect(() => costOf(graph, '{ thing { some { id } } }')).toThrow(refused);
  });

  test('a type itself costs its own', () => {
    expect(costOf(graph, '{ thing { ... on Small { scan(depth: 1) parts { id } } } }')).toBe(1 + 1 + 1);
  });
});

describe('the link of a supergraph', () => {
  const schema = buildASTSchema(parse('type Query { a: Int }'));
  const costWith = (link: string, directive: string) => {
    const supergraphSchema = parse(`schema ${link} { query: Query } type Query { a: Int ${directive} }`);
    return costOf({ schema, supergraphSchema }, '{ a }');
  };
  const url = 'url: "https://specs.apollo.dev/cost/v0.1"';
  test.each([
    ['without imports', `@link(${url})`, '@cost(weight: 3)', 3],
    ['under another name', `@link(${url}, as: "price")`, '@price(weight: 3)', 3],
    ['under another name, which hides the usual one', `@link(${url}, as: "price")`, '@cost(weight: 3)', 0],
    ['with IBM’s weights, which are strings', `@link(${url})`, '@cost(weight: "3")', 3],
    [
      'with a link directive of another name',
      `@core(feature: "https://specs.apollo.dev/cost/v0.1")`,
      '@cost(weight: 3)',
      3,
    ],
    [
      'without the link the directive is somebody else’s',
      '@link(url: "https://example.org/cost/v1")',
      '@cost(weight: 3)',
      0,
    ],
    ['with a weight below nothing', `@link(${url})`, '@cost(weight: -3)', 0],
    ['with a weight that is none', `@link(${url})`, '@cost(weight: "heavy")', 0],
  ])('%s', (_name, link, directive, cost) => {
    expect(costWith(link, directive)).toBe(cost);
  });
});

describe('what other composers let through', () => {
  const sdl = parse(`
    schema @link(url: "https://specs.apollo.dev/cost/v0.1", import: ["@cost", "@listSize"]) { query: Query }
    directive @listSize(slicingArguments: [String!], sizedFields: [String!], requireOneSlicingArgument: Boolean) on FIELD_DEFINITION
    directive @link(url: String, import: [String]) repeatable on SCHEMA
    type Query {
      byIds(ids: [ID!]): [Leaf!]! @listSize(slicingArguments: "ids")
      byPage(page: Paging): [Leaf!]! @listSize(slicingArguments: ["page.first"], requireOneSlicingArgument: false)
      byDefault(page: Paging = {}): [Leaf!]! @listSize(slicingArguments: ["page.first"])
      byWindow(window: Window): [Leaf!]! @listSize(slicingArguments: ["window.page.first"], requireOneSlicingArgument: false)
      nested(input: PageInput): Page! @listSize(slicingArguments: ["input.take"], sizedFields: ["inner.items"], requireOneSlicingArgument: false)
    }
    type Leaf { id: ID! }
    type Page { items: [Leaf!]!  inner: Page }
    input PageInput { take: Int }
    input Paging { first: Int = 500  after: String }
    input Window { page: Paging = { first: 30 } }
  `);
  const graph = { schema: buildASTSchema(sdl), supergraphSchema: sdl };
  test('a slicing argument that is a list is as long as it is', () => {
    expect(costOf(graph, '{ byIds(ids: [1, 2]) { id } }')).toBe(2);
    expect(costOf(graph, 'query ($ids: [ID!]) { byIds(ids: $ids) { id } }', { ids: ['a', 'b', 'c'] })).toBe(3);
  });
  test('paths lead into input objects and answers', () => {
    const below = '{ items { id } inner { items { id } inner { items { id } } } }';
    expect(costOf(graph, `{ nested(input: { take: 3 }) ${below} }`)).toBe(1 + 1 + 10 + 1 + 3 + 1 + 10);
    const text = `query ($input: PageInput, $take: Int) { a: nested(input: $input) ${below} b: nested(input: { take: $take }) ${below} }`;
    expect(costOf(graph, text, { input: { take: 3 }, take: 4 })).toBe(27 + 28);
    expect(costOf(graph, text, {})).toBe(1 + 10 + 1 + 20 + 1 + 10 + (1 + 1 + 10 + 1 + 20 + 1 + 10));
  });
  test.each([
    ['an input field’s default', '{ byPage(page: {}) { id } }', 500],
    ['which does not hold for a null', '{ byPage(page: { first: null }) { id } }', 20],
    ['and where there is no object', '{ byPage { id } }', 20],
    ['or null', '{ byPage(page: null) { id } }', 20],
    ['in the default of an argument', '{ byDefault { id } }', 500],
    ['on the way to another', '{ byWindow(window: {}) { id } }', 30],
    ['at the end of the way', '{ byWindow(window: { page: { after: "a" } }) { id } }', 500],
  ])('a path has defaults: %s', (_name, text, cost) => {
    expect(costOf(graph, text, {}, { inputObjectWeight: 0 })).toBe(cost);
  });
  test('and has them in variables', () => {
    const text =
      'query ($page: Paging, $first: Int) { a: byPage(page: $page) { id } b: byPage(page: { first: $first }) { id } }';
    expect(costOf(graph, text, { page: {}, first: 3 })).toBe(1 + 500 + 1 + 3);
    expect(costOf(graph, text, { page: { first: null } })).toBe(1 + 20 + 1 + 500);
    expect(costOf(graph, text, { page: { first: 2 }, first: null })).toBe(1 + 2 + 1 + 20);
    expect(costOf(graph, text, { page: null })).toBe(20 + 1 + 500);
  });
});

test('a cost over the limit is refused with both', () => {
  expect(checkCost(4000, 4000)).toBeNull();
  expect(checkCost(4001, 4000)?.toJSON()).toEqual({
    message: 'The operation costs too much (4001; the limit is 4000). Ask for less at once.',
    extensions: { code: 'COST_LIMIT_EXCEEDED', http: { status: 400 }, measured: 4001, limit: 4000 },
  });
});
