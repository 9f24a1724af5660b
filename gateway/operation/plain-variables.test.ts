import { buildSchema, getVariableValues, Kind, parse } from 'graphql';
import { compileAsTheyAre } from './plain-variables.ts';

const schema = buildSchema(`
  scalar Odd
  enum Colour { RED }
  input Range { from: Int }
  type Query { a(id: ID, text: String, is: Boolean, number: Float): Int }
`);

const definitionsOf = (variables: string) => {
  const [operation] = parse(`query (${variables}) { a }`).definitions;
  return operation?.kind === Kind.OPERATION_DEFINITION ? (operation.variableDefinitions ?? []) : [];
};

/** Both ways: what the short one gives, and what graphql gives. */
function both(variables: string, sent: Record<string, unknown>) {
  const definitions = definitionsOf(variables);
  const { coerced } = getVariableValues(schema, definitions, sent);
  return { short: compileAsTheyAre(schema, definitions)?.(sent), whole: coerced && { ...coerced } };
}

const values: readonly unknown[] = [
  ...[undefined, null, '', 'a', '1', 0, -0, 1, -1, 1.5, 2 ** 31 - 1, 2 ** 31, -(2 ** 31), -(2 ** 31) - 1, 1e300],
  ...[true, false, [], ['a'], [1], {}, { a: 1 }, NaN, Infinity],
];

test.each(['ID', 'String', 'Boolean', 'Int', 'Float'])(
  '%s: what is taken as it is is what graphql makes of it',
  (type) => {
    let taken = 0;
    for (const declared of [type, `${type}!`]) {
      for (const value of values) {
        const { short, whole } = both(`$v: ${declared}`, { v: value, further: 1 });
        if (!short) continue;
        taken++;
        // What was not sent: graphql has a key without a value for it, where a caller in this process says `undefined`.
        const expected = value === undefined ? {} : whole;
        expect({ declared, value, short }).toEqual({ declared, value, short: expected });
      }
    }
    expect(taken).toBeGreaterThan(4);
  },
);

test('several at once: one that needs more leaves all to graphql', () => {
  expect(both('$a: ID!, $b: Int', { a: 'x', b: 1 })).toEqual({ short: { a: 'x', b: 1 }, whole: { a: 'x', b: 1 } });
  expect(both('$a: ID!, $b: Int', { a: 'x' })).toEqual({ short: { a: 'x' }, whole: { a: 'x' } });
  expect(both('$a: ID!, $b: Int', { a: 7, b: 1 })).toEqual({ short: null, whole: { a: '7', b: 1 } });
  expect(both('$a: ID!, $b: Int', { b: 1 })).toEqual({ short: null, whole: undefined });
});

test.each(['$v: Odd', '$v: Colour', '$v: Range', '$v: [ID!]', '$v: Int = 1', '$toString: Int', '$a: ID, $v: Range!'])(
  '%s is left to graphql from the start',
  (variables) => {
    expect(compileAsTheyAre(schema, definitionsOf(variables))).toBeNull();
  },
);
