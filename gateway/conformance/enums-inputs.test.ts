import { conformance } from './testing/conformance.ts';
import { LINK } from './testing/federation.ts';

/** Two kilns: an enum that only comes out is all that either has, one that goes in is what both take. */
const subgraphs = {
  one: {
    typeDefs: `${LINK}
      type Query {
        fire(heat: Heat!, options: Options): String
        modes: [Mode!]!
        glaze: Glaze @shareable
        batch(pots: [[Pot!]]): Int
      }
      enum Heat { LOW HIGH WHITE }
      enum Mode { OPEN SHUT }
      enum Glaze { SALT ASH }
      input Options { hours: Int = 4  heat: Heat  only: String  nested: Nested }
      input Nested { depth: Int!  tags: [String!] }
      input Pot { size: Int! = 3  shape: Heat = LOW }
    `,
    resolvers: {
      Query: {
        fire: (_: unknown, given: object) => JSON.stringify(given),
        modes: () => ['OPEN', 'SHUT'],
        glaze: () => 'SALT',
        batch: (_: unknown, { pots }: { pots: ({ size: number }[] | null)[] | null }) =>
          pots?.flat().reduce((sum, pot) => sum + (pot?.size ?? 100), 0) ?? null,
      },
    },
  },
  two: {
    typeDefs: `${LINK}
      type Query { cool(heat: Heat = HIGH, options: Options): String  more: [Mode!]!  }
      enum Heat { LOW HIGH BLUE }
      enum Mode { SHUT AJAR }
      input Options { hours: Int = 4  heat: Heat  other: String  nested: Nested }
      input Nested { depth: Int!  tags: [String!] }
    `,
    resolvers: {
      Query: { cool: (_: unknown, given: object) => JSON.stringify(given), more: () => ['AJAR'] },
    },
  },
};
const REFUSED = ': GRAPHQL_VALIDATION_FAILED';
const WRONG = ': BAD_USER_INPUT';

conformance('enums and input objects', subgraphs, [
  {
    name: 'an enum that only comes out is all values of all subgraphs',
    query: '{ modes more glaze __type(name: "Mode") { enumValues { name } } }',
    data: {
      modes: ['OPEN', 'SHUT'],
      more: ['AJAR'],
      glaze: 'SALT',
      __type: { enumValues: [{ name: 'OPEN' }, { name: 'SHUT' }, { name: 'AJAR' }] },
    },
  },
  {
    name: 'an enum that goes in is what all subgraphs have',
    query: '{ fire(heat: HIGH) cool __type(name: "Heat") { enumValues { name } } }',
    data: {
      fire: '{"heat":"HIGH"}',
      cool: '{"heat":"HIGH"}',
      __type: { enumValues: [{ name: 'LOW' }, { name: 'HIGH' }] },
    },
  },
  { name: 'a value of one subgraph alone is refused', query: '{ fire(heat: WHITE) }', errors: [REFUSED] },
  {
    name: 'in a variable too',
    query: 'query ($heat: Heat!) { fire(heat: $heat) }',
    variables: { heat: 'WHITE' },
    errors: [WRONG],
  },
  {
    name: 'an input object is what all subgraphs have',
    query:
      '{ cool(options: { hours: 2, nested: { depth: 1, tags: ["a"] } }) __type(name: "Options") { inputFields { name } } }',
    data: {
      cool: '{"heat":"HIGH","options":{"hours":2,"nested":{"depth":1,"tags":["a"]}}}',
      __type: { inputFields: [{ name: 'hours' }, { name: 'heat' }, { name: 'nested' }] },
    },
  },
  { name: 'a field of one subgraph alone is refused', query: '{ cool(options: { other: "x" }) }', errors: [REFUSED] },
  {
    name: 'in a variable too',
    query: 'query ($options: Options) { cool(options: $options) }',
    variables: { options: { other: 'x' } },
    errors: [WRONG],
  },
  {
    name: 'an input object’s defaults',
    query: 'query ($options: Options!) { fire(heat: LOW, options: $options) }',
    variables: { options: { heat: 'LOW' } },
    data: { fire: '{"heat":"LOW","options":{"hours":4,"heat":"LOW"}}' },
  },
  {
    name: 'variables inside an input object, one of them not given',
    query:
      'query ($hours: Int, $depth: Int!, $tag: String!) { fire(heat: LOW, options: { hours: $hours, nested: { depth: $depth, tags: [$tag, "b"] } }) }',
    variables: { depth: 3, tag: 'a' },
    data: { fire: '{"heat":"LOW","options":{"hours":4,"nested":{"depth":3,"tags":["a","b"]}}}' },
  },
  {
    name: 'null is a value, and not a default',
    query: 'query ($options: Options) { fire(heat: LOW, options: $options) cool(heat: null) }',
    variables: { options: { hours: null, nested: null } },
    data: { fire: '{"heat":"LOW","options":{"hours":null,"nested":null}}', cool: '{"heat":null}' },
  },
  {
    name: 'a single value where a list of lists is taken',
    query: 'query ($pot: Pot!) { one: batch(pots: { size: 5 }) two: batch(pots: [[$pot], null, [{}]]) }',
    variables: { pot: { size: 7 } },
    data: { one: 5, two: 110 },
  },
]);
