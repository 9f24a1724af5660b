import { GraphQLError } from 'graphql';
import {
  anonymous,
  composed,
  filterFor,
  graphOf,
  linked,
  parsed,
  signedIn,
  withPolicies,
  withScopes,
} from './testing/graph.ts';
import { errorsFor, MAX_REPORTED } from './refusals.ts';

const SDL = `
  type Query {
    open: String  mine: String @authenticated  audited: String @requiresScopes(scopes: [["read", "audit"], ["admin"]])
    book: Book  books: [Book!]!  items: [Item!]!  film: Film  found: [Found!]!  vault: Vault  price: Money  mood: Mood
    both: String @authenticated @requiresScopes(scopes: [["read"]])  either(of: Mood): String
  }
  type Mutation { publish: Book  erase: String @policy(policies: [["owner"]]) }
  type Subscription { changed: Book  watched: Book @authenticated }
  interface Item { id: ID!  title: String  secret: String  same: Item }
  type Book implements Item @key(fields: "id") {
    id: ID!  title: String  secret: String @authenticated  same: Item  sequel: Book  note(for: String): String @policy(policies: [["owner"]])
  }
  type Film implements Item @key(fields: "id") { id: ID!  title: String  secret: String  same: Item  length: Int @authenticated }
  union Found = Book | Film | Vault
  type Vault @requiresScopes(scopes: [["vault"]]) { id: ID!  content: String }
  scalar Money @policy(policies: [["billing"], ["owner", "abroad"]])
  enum Mood @authenticated { GOOD BAD }
`;
const graph = graphOf(composed(linked(SDL)));

test('a supergraph without the directives has nothing to enforce', () => {
  expect(graphOf(composed(linked('type Query { open: String }'))).authorization).toBeNull();
});

test('an operation that asks nothing is not analysed further', () => {
  const { document, operation } = parsed(graph, '{ open book { title } __schema { queryType { name } } }');
  expect(graph.authorization?.analyse(document, operation)).toBeNull();
});

test('a refused field leaves the operation with an error; whoever is signed in gets it', () => {
  expect(filterFor(graph, anonymous, '{ open mine }')).toMatchObject({
    left: '{ open }',
    refused: ['mine: Query.mine'],
  });
  expect(filterFor(graph, signedIn, '{ open mine }')).toMatchObject({ left: '{ open mine }', refused: [] });
});

test('an error says what to do, in a stable code', () => {
  const errorsOf = (field: string) =>
    errorsFor(filterFor(graph, anonymous, `{ ${field} }`).filtered?.refused ?? [], {}).map((error) => error.toJSON());
  expect(errorsOf('mine')).toEqual([
    {
      message: 'Query.mine is for signed-in viewers: sign in to see it.',
      locations: [{ line: 1, column: 3 }],
      path: ['mine'],
      extensions: { code: 'UNAUTHORIZED_FIELD_OR_TYPE', coordinate: 'Query.mine' },
    },
  ]);
  expect(errorsOf('audited')[0]?.message).toContain('needs a scope that you do not have');
  expect(errorsOf('price')[0]?.message).toContain('held back by a policy');
  expect(errorsOf('both')[0]?.message).toContain('sign in');
});

test.each([
  [withScopes('read', 'audit'), true],
  [withScopes('admin'), true],
  [withScopes('read'), false],
  [withScopes('audit', 'owner'), false],
  [withPolicies('read', 'audit'), false],
  [signedIn, false],
])('scopes are an OR of ANDs (%#)', (access, isPermitted) => {
  expect(filterFor(graph, access, '{ audited }').left).toBe(isPermitted ? '{ audited }' : null);
});

test('policies are an OR of ANDs on a scalar, and scopes of their name are none', () => {
  expect(filterFor(graph, withPolicies('billing'), '{ price }').left).toBe('{ price }');
  expect(filterFor(graph, withPolicies('owner', 'abroad'), '{ price }').left).toBe('{ price }');
  expect(filterFor(graph, withPolicies('owner'), '{ price }').left).toBeNull();
  expect(filterFor(graph, withScopes('billing'), '{ price }').left).toBeNull();
});

test('two directives on one field must both hold', () => {
  expect(filterFor(graph, withScopes('read'), '{ both }').left).toBe('{ both }');
  expect(filterFor(graph, signedIn, '{ both }').left).toBeNull();
  expect(filterFor(graph, { ...withScopes('read'), isAuthenticated: false }, '{ both }').left).toBeNull();
});

test('a return type’s directive protects every field that returns it, an enum’s and an object’s', () => {
  expect(filterFor(graph, signedIn, '{ vault { content } open }')).toMatchObject({
    left: '{ open }',
    refused: ['vault: Query.vault'],
  });
  expect(filterFor(graph, withScopes('vault'), '{ vault { content } }').left).toBe('{ vault { content } }');
  expect(filterFor(graph, anonymous, '{ mood open }').left).toBe('{ open }');
  expect(filterFor(graph, signedIn, '{ mood }').left).toBe('{ mood }');
});

test('an enum’s directive does not protect arguments', () => {
  expect(filterFor(graph, anonymous, '{ either(of: GOOD) }').refused).toEqual([]);
});

test('an alias changes the path and nothing else, whatever it is', () => {
  expect(filterFor(graph, anonymous, '{ open: mine }').refused).toEqual(['open: Query.mine']);
  const { left, refused } = filterFor(graph, anonymous, '{ __proto__: mine constructor: open toString: mine }');
  expect(left).toBe('{ constructor: open }');
  expect(refused).toEqual(['__proto__: Query.mine', 'toString: Query.mine']);
  expect(filterFor(graph, signedIn, '{ __proto__: mine }').left).toBe('{ __proto__: mine }');
});

test('what is beside a refused field stays, and its parent too where nothing else was asked of it', () => {
  expect(filterFor(graph, anonymous, '{ book { title secret } }').left).toBe('{ book { title } }');
  expect(filterFor(graph, anonymous, '{ book { secret } }')).toMatchObject({
    left: '{ book { __typename } }',
    refused: ['book.secret: Book.secret'],
  });
  expect(filterFor(graph, anonymous, '{ book { __typename: secret } }').left).toBe(
    '{ book { present_0: __typename } }',
  );
});

test('a mutation whose payload is refused runs; one that is refused does not', () => {
  expect(filterFor(graph, anonymous, 'mutation { publish { secret } }').left).toBe(
    'mutation { publish { __typename } }',
  );
  expect(filterFor(graph, anonymous, 'mutation { publish { title } erase }')).toMatchObject({
    left: 'mutation { publish { title } }',
    refused: ['erase: Mutation.erase'],
  });
  expect(filterFor(graph, withPolicies('owner'), 'mutation { erase }').refused).toEqual([]);
});

test('a refused root field leaves nothing of a subscription', () => {
  expect(filterFor(graph, anonymous, 'subscription { watched { title } }').left).toBeNull();
  expect(filterFor(graph, signedIn, 'subscription { watched { title } }').refused).toEqual([]);
  expect(filterFor(graph, anonymous, 'subscription { changed { title secret } }').left).toBe(
    'subscription { changed { title } }',
  );
});

test('through an interface a field is refused where one type behind it refuses, in a fragment only where that type does', () => {
  expect(filterFor(graph, anonymous, '{ items { id secret } }')).toMatchObject({
    left: '{ items { id } }',
    refused: ['items: Item.secret'],
  });
  const byType = '{ items { ... on Book { secret } ... on Film { secret length } } }';
  expect(filterFor(graph, anonymous, byType)).toMatchObject({
    left: '{ items { ... on Film { secret } } }',
    refused: ['items: Book.secret', 'items: Film.length'],
  });
  expect(filterFor(graph, signedIn, byType).refused).toEqual([]);
});

test('an interface’s fragment inside one on an object type asks what the interface itself is marked with', () => {
  const query = '{ film { ... on Item { title secret } } }';
  expect(filterFor(graph, anonymous, query)).toMatchObject({
    left: '{ film { ... on Item { title } } }',
    refused: ['film.secret: Item.secret'],
  });
  expect(filterFor(graph, signedIn, query).refused).toEqual([]);
});

test('members of a union are protected by their own directives', () => {
  const query = '{ found { __typename ... on Vault { content } ... on Book { title } } }';
  expect(filterFor(graph, signedIn, query)).toMatchObject({
    left: '{ found { __typename ... on Book { title } } }',
    refused: ['found: Vault.content'],
  });
  expect(filterFor(graph, withScopes('vault'), query).refused).toEqual([]);
});

test('fragments are followed, each where it is spread', () => {
  const query = `{ book { ...outer } } fragment outer on Book { title ...inner } fragment inner on Book { ... { secret } sequel { ...leaf } } fragment leaf on Book { secret }`;
  expect(filterFor(graph, anonymous, query)).toMatchObject({
    left: '{ book { ... on Book { title ... on Book { sequel { __typename } } } } }',
    refused: ['book.secret: Book.secret', 'book.sequel.secret: Book.secret'],
  });
  expect(filterFor(graph, signedIn, query)).toMatchObject({ refused: [] });
  expect(filterFor(graph, signedIn, query).filtered?.key).toBe('');
});

test('one fragment spread in several places is refused where it stands for what is protected', () => {
  // As composition made supergraphs before it copied requirements to interfaces.
  const older = graphOf(composed(linked(SDL)).replace(/(interface Item\n[^}]*secret: String) @authenticated/, '$1'));
  const query = '{ film { ...one } book { ...one } items { ...one } } fragment one on Item { title secret }';
  expect(filterFor(older, anonymous, query)).toMatchObject({
    left: '{ film { ...one } book { ... on Item { title } } items { ... on Item { title } } } fragment one on Item { title secret }',
    refused: ['book.secret: Item.secret', 'items: Item.secret'],
  });
  expect(filterFor(older, signedIn, query).refused).toEqual([]);
});

test('fragments and variables that only refused fields used are gone, others stay', () => {
  const query = `
    query ($who: String, $is: Boolean = true, $deep: Boolean!) {
      book { title @include(if: $is) note(for: $who) same { ...gone } ...kept }
    }
    fragment gone on Book { secret @skip(if: $deep) }
    fragment kept on Book { id }
    query Other { mine }`;
  const answer = () => filterFor(graph, anonymous, query.replace('query (', 'query This ('), { name: 'This' });
  expect(answer().left).toBe(
    'query This($is: Boolean = true) { book { title @include(if: $is) same { __typename } ...kept } } fragment kept on Book { id }',
  );
});

test('a field that @skip or @include leaves out is never fetched, and gives no error', () => {
  const query = 'query ($is: Boolean!) { book { title ... @include(if: $is) { secret } } }';
  const at = (is: boolean) => filterFor(graph, anonymous, query, { variables: { is } });
  expect(at(true)).toMatchObject({ left: '{ book { title } }', refused: ['book.secret: Book.secret'] });
  expect(at(false)).toMatchObject({ left: '{ book { title } }', refused: [] });
  expect(filterFor(graph, anonymous, '{ open mine @skip(if: true) }')).toMatchObject({ left: '{ open }', refused: [] });
  expect(filterFor(graph, anonymous, '{ open mine @skip(if: false) mine }').refused).toEqual(['mine: Query.mine']);
});

test('introspection and __typename are open', () => {
  const query = '{ __typename __type(name: "Vault") { name } items { __typename } mine }';
  expect(filterFor(graph, anonymous, query).left).toBe(
    '{ __typename __type(name: "Vault") { name } items { __typename } }',
  );
});

test('variants are named by what they refuse, not by who asks', () => {
  const { document, operation } = parsed(graph, '{ open mine audited price }');
  const analysis = graph.authorization?.analyse(document, operation);
  const keyFor = (access: typeof anonymous) => analysis?.keyFor(access);
  expect(keyFor(withScopes('admin'))).toBe(keyFor(withScopes('admin', 'something', 'else')));
  expect(keyFor(withScopes('read'))).toBe(keyFor(signedIn));
  expect(new Set([anonymous, signedIn, withScopes('admin'), withPolicies('billing')].map(keyFor)).size).toBe(4);
  expect(keyFor({ isAuthenticated: true, scopes: new Set(['admin']), policies: new Set(['billing']) })).toBe('');
  for (const access of [anonymous, signedIn]) expect(analysis?.filter(access).key).toBe(keyFor(access));
});

test('only the policies that an operation mentions are asked about', () => {
  const { document, operation } = parsed(graph, '{ price mine }');
  expect(graph.authorization?.analyse(document, operation)?.policies).toEqual(['abroad', 'billing', 'owner']);
  const other = parsed(graph, '{ mine }');
  expect(graph.authorization?.analyse(other.document, other.operation)?.policies).toEqual([]);
});

test('fragments that multiply are analysed at once, and their errors counted to a hundred', () => {
  const levels = 24;
  const bomb = Array.from(
    { length: levels },
    (_, index) => `fragment f${index} on Book { a: sequel { ...f${index + 1} } b: sequel { ...f${index + 1} } }`,
  );
  const text = `{ book { ...f0 } } ${bomb.join(' ')} fragment f${levels} on Book { secret title }`;
  const { document, operation } = parsed(graph, text);
  const before = process.cpuUsage();
  const analysis = graph.authorization?.analyse(document, operation);
  const filtered = analysis?.filter(anonymous);
  // Written out they are 16 million selections.
  expect(process.cpuUsage(before).user / 1000).toBeLessThan(3000);
  expect(filtered?.key).toBe('a');
  expect(filtered?.document).not.toBeNull();
  expect(filtered?.refused).toHaveLength(MAX_REPORTED);
});

test('of many refused fields a hundred are reported', () => {
  const many = Array.from({ length: 300 }, (_, index) => `a${index}: mine`).join(' ');
  const { left, refused } = filterFor(graph, anonymous, `{ ${many} open }`);
  expect(left).toBe('{ open }');
  expect(refused).toHaveLength(MAX_REPORTED);
  expect(errorsFor(filterFor(graph, anonymous, '{ mine }').filtered?.refused ?? [], {})[0]).toBeInstanceOf(
    GraphQLError,
  );
});
