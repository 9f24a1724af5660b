import { buildSchema, parse, print } from 'graphql';
import { withoutAbstractFragments } from './expand.ts';

const schema = buildSchema(`
  type Query { items: [Item]  tool: Tool  any: Thing }
  interface Item { id: ID  lender: Item }
  type Tool implements Item { id: ID  lender: Item  teeth: Int }
  type Game implements Item { id: ID  lender: Item  players: Int }
  type Rock { weight: Int }
  union Toy = Game | Rock
  union Thing = Tool | Game | Rock
`);
const flat = (text: string): string => text.replace(/\s+/g, ' ').trim();
const expanded = (query: string): string => {
  const document = withoutAbstractFragments(schema, parse(query));
  return document ? flat(print(document)) : 'too much';
};

test.each([
  ['{ items { ... on Toy { __typename } } }', '{ items { ... on Game { __typename } } }'],
  ['{ any { ... on Item { id } } }', '{ any { ... on Tool { id } ... on Game { id } } }'],
  ['{ items { ... on Item { id } ... on Tool { teeth } } }', '{ items { ... on Item { id } ... on Tool { teeth } } }'],
  ['{ tool { ... on Item { ... on Thing { __typename } id } } }', '{ tool { __typename id } }'],
  [
    '{ any { ... on Item { ... on Toy { ... on Game { players } ... on Rock { weight } } } } }',
    '{ any { ... on Tool { __typename @include(if: false) } ... on Game { ... on Game { players } } } }',
  ],
  [
    'query ($if: Boolean!) { any { ... on Item @include(if: $if) { id } } }',
    'query ($if: Boolean!) { any { ... @include(if: $if) { ... on Tool { id } ... on Game { id } } } }',
  ],
  [
    '{ any { ...Lent @skip(if: true) } } fragment Lent on Item { lender { ...Played } } fragment Played on Toy { ... on Game { players } }',
    '{ any { ... @skip(if: true) { ... on Tool { lender { ... on Game { ... on Game { players } } } } ... on Game { lender { ... on Game { ... on Game { players } } } } } } }',
  ],
  [
    '{ any { ... on Item @defer(label: "a") { ... @defer(label: "b") { id } } } items { ... on Toy { ... @defer(label: "c") { __typename } } } }',
    '{ any { ... @defer(label: "a") { ... on Tool { ... { id } } ... on Game { ... { id } } } } items { ... on Game { ... @defer(label: "c") { __typename } } } }',
  ],
  ['{ __schema { types { name } } __typename }', '{ __schema { types { name } } __typename }'],
])('%s', (query, expected) => {
  expect(expanded(query)).toBe(flat(print(parse(expected))));
});

test('what would grow beyond reason is given up', () => {
  const deep = (depth: number): string =>
    depth === 0 ? 'id' : `lender { ... on Thing { ... on Item { ${deep(depth - 1)} } } }`;
  expect(expanded(`{ items { ${deep(3)} } }`)).not.toBe('too much');
  expect(expanded(`{ items { ${deep(20)} } }`)).toBe('too much');
});
