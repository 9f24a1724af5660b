import type { FetchNode } from '@apollo/query-planner';
import { Supergraph } from '@apollo/federation-internals';
import { OperationTypeNode } from 'graphql';
import { compose, LINK } from '../conformance/testing/federation.ts';
import { compilePartial } from './partial-fetch.ts';

const owner = `${LINK}
  type Query { trees: [Tree] }
  type Tree @key(fields: "id") { id: ID!  kilos: Int  soil: Soil }
  interface Soil { depth: Int }
  type Clay implements Soil { depth: Int  iron: Int }
`;
const grader = `${LINK}
  type Tree @key(fields: "id") {
    id: ID!
    kilos: Int @external
    soil: Soil @external
    grade(in: String): Int @requires(fields: "kilos")
    taste: Int @requires(fields: "soil { depth ... on Clay { iron } }")
    age(in: String): Int
  }
  interface Soil { depth: Int }
  type Clay implements Soil { depth: Int @external  iron: Int @external }
`;
const schema = Supergraph.build(
  compose({ owner: { typeDefs: owner }, grader: { typeDefs: grader } }),
).schema.toGraphQLJSSchema();

const LOOKUP = 'query($representations:[_Any!]!$a:String$b:String){_entities(representations:$representations)';
const fetchOf = (selected: string, fragments = ''): FetchNode => ({
  kind: 'Fetch',
  serviceName: 'grader',
  operationKind: OperationTypeNode.QUERY,
  operation: `${LOOKUP}${selected}}${fragments}`,
  operationName: undefined,
  variableUsages: ['a', 'b'],
});
const asked = (selected: string, representation: object, fragments?: string): unknown => {
  const fetch = fetchOf(selected, fragments);
  const partial = compilePartial(schema, fetch)({ __typename: 'Tree', id: '1', ...representation });
  return partial === fetch ? 'all' : (partial?.operation.replace(LOOKUP, '… ') ?? null);
};
const ALL = '{...on Tree{__typename grade(in:$a)taste age(in:$b)}}';

test('what brings everything is asked for everything', () => {
  const soil = { __typename: 'Clay', depth: 1, iron: null };
  expect(asked(ALL, { kilos: null, soil })).toBe('all');
  expect(asked(ALL, { kilos: 1, soil: null })).toBe('all');
  expect(asked('{...on Tree{__typename age}}', {})).toBe('all');
});

test('what requires something that is not there is left out, with its variables', () => {
  const soil = { __typename: 'Clay', depth: 1 };
  const withoutGrade = compilePartial(schema, fetchOf(ALL))({ __typename: 'Tree', id: '1', soil: null });
  expect(withoutGrade).toMatchObject({
    operation:
      'query($representations:[_Any!]!$b:String){_entities(representations:$representations){...on Tree{__typename taste age(in:$b)}}}',
    variableUsages: ['b'],
  });
  expect(asked(ALL, { kilos: 1, soil })).toContain('{...on Tree{__typename grade(in:$a)age(in:$b)}}');
});

test('nested, in fragments of any kind, and under aliases', () => {
  expect(asked('{...on Tree{...on Tree{g:grade}age ...F}}', {}, 'fragment F on Tree{taste t:taste id}')).toBe(
    'query($representations:[_Any!]!){_entities(representations:$representations){...on Tree{age ...on Tree{id}}}}',
  );
});

test('where nothing is left nothing is asked', () => {
  expect(asked('{...on Tree{__typename grade taste}}', {})).toBeNull();
});

test('the same lack is the same fetch', () => {
  const partial = compilePartial(schema, fetchOf(ALL));
  const [one, other] = ['1', '2'].map((id) => partial({ __typename: 'Tree', id, soil: null }));
  expect(one).toBe(other);
});
