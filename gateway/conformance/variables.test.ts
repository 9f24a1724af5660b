import { GraphQLScalarType } from 'graphql';
import { conformance } from './testing/conformance.ts';
import { LINK } from './testing/federation.ts';

/** An echo in each of two subgraphs: what arrives there as arguments comes back as text. */
const echo = (_: unknown, given: object) => JSON.stringify(given);
const Any = new GraphQLScalarType({ name: 'Any' });
const anything = {
  list: [1, [null, { a: 'x' }]],
  text: 'é',
  none: null,
  id: 'fake',
  __typename: 'Fake',
  deep: { id: 1 },
};
const ECHO = 'echo(text: String, number: Int = 7, list: [Int], flag: Boolean, any: Any): String';

const subgraphs = {
  near: {
    typeDefs: `${LINK}
      scalar Any
      type Query { ${ECHO}  thing: Thing  any: Any  anys: [[Any]]  value(of: Any): Any }
      type Thing @key(fields: "id") { id: ID!  near: Any }
    `,
    resolvers: {
      Any,
      Query: {
        echo,
        thing: () => ({ id: 't' }),
        any: () => anything,
        anys: () => [[0, false, ''], null, [{ __typename: 'Thing', id: 'x' }]],
        value: (_: unknown, { of }: { of: unknown }) => of,
      },
      Thing: { near: () => anything },
    },
  },
  far: {
    typeDefs: `${LINK}
      scalar Any
      type Thing @key(fields: "id") { id: ID!  ${ECHO.replace('echo', 'farEcho')}  far: Any }
    `,
    resolvers: {
      Any,
      Thing: { __resolveReference: (given: object) => given, farEcho: echo, far: () => [anything, 1.5, 'x'] },
    },
  },
};
const WRONG = [': BAD_USER_INPUT'];

conformance('variables', subgraphs, [
  {
    name: 'reach the subgraph that takes them, and no other',
    query: 'query ($a: String, $b: Int) { echo(text: $a) thing { farEcho(number: $b) } }',
    variables: { a: 'x', b: 2 },
    data: { echo: '{"text":"x","number":7}', thing: { farEcho: '{"number":2}' } },
  },
  {
    name: 'without a value are not null',
    query: 'query ($a: String, $b: Int) { echo(text: $a, number: $b) thing { farEcho(text: $a, number: $b) } }',
    data: { echo: '{"number":7}', thing: { farEcho: '{"number":7}' } },
  },
  {
    name: 'that are null are null',
    query: 'query ($a: String, $b: Int) { echo(text: $a, number: $b) thing { farEcho(text: $a, number: $b) } }',
    variables: { a: null, b: null },
    data: { echo: '{"text":null,"number":null}', thing: { farEcho: '{"text":null,"number":null}' } },
  },
  {
    name: 'have defaults, which null does not take',
    query:
      'query ($a: String = "d", $b: Int = 5) { echo(text: $a, number: $b) thing { farEcho(text: $a, number: $b) } }',
    variables: { b: null },
    data: { echo: '{"text":"d","number":null}', thing: { farEcho: '{"text":"d","number":null}' } },
  },
  {
    name: 'a default of null',
    query: 'query ($b: Int = null) { echo(number: $b) thing { farEcho(number: $b) } }',
    data: { echo: '{"number":null}', thing: { farEcho: '{"number":null}' } },
  },
  {
    name: 'are coerced to lists and floats to no integers',
    query: 'query ($l: [Int]) { echo(list: $l) thing { farEcho(list: $l) } }',
    variables: { l: 3 },
    data: { echo: '{"number":7,"list":[3]}', thing: { farEcho: '{"number":7,"list":[3]}' } },
  },
  {
    name: 'of the wrong type are refused',
    query: 'query ($b: Int) { echo(number: $b) }',
    variables: { b: 1.5 },
    errors: WRONG,
  },
  {
    name: 'that may not be null are refused null',
    query: 'query ($b: Int!) { echo(number: $b) }',
    variables: { b: null },
    errors: WRONG,
  },
  { name: 'that may not be null must be given', query: 'query ($b: Int!) { echo(number: $b) }', errors: WRONG },
  {
    name: 'that nobody has declared do no harm',
    query: '{ echo }',
    variables: { more: { than: 'asked' }, representations: [] },
    data: { echo: '{"number":7}' },
  },
  {
    name: 'may have the name of the gateway’s own',
    query:
      'query ($representations: String) { thing { farEcho(text: $representations) id } echo(text: $representations) }',
    variables: { representations: 'mine' },
    data: { thing: { farEcho: '{"text":"mine","number":7}', id: 't' }, echo: '{"text":"mine","number":7}' },
    stockIsWrong: 'it declares the variable twice in one request',
  },
  {
    name: 'that nobody has declared do not replace one that has the name of the gateway’s own',
    query: 'query ($representations: Int) { echo(number: $representations) }',
    variables: { representations: 1, _0_representations: 2 },
    data: { echo: '{"number":1}' },
  },
  {
    name: 'nor stand in for one that is not sent',
    query: 'query ($representations: Int) { echo(number: $representations) }',
    variables: { _0_representations: 2 },
    data: { echo: '{"number":7}' },
  },
  {
    name: 'inside lists and objects of a scalar',
    query: 'query ($a: Any, $b: Int) { value(of: { a: $a, l: [1, $b, ENUM, "s", 1.0, true, null] }) }',
    variables: { a: { deep: [1] }, b: 2 },
    data: { value: { a: { deep: [1] }, l: [1, 2, 'ENUM', 's', 1, true, null] } },
  },
  {
    name: 'in fragments, in two operations of which one is meant',
    query:
      'query One($a: String) { ...F } fragment F on Query { echo(text: $a) thing { ...G } } fragment G on Thing { farEcho(text: $a) }',
    variables: { a: 'f' },
    data: { echo: '{"text":"f","number":7}', thing: { farEcho: '{"text":"f","number":7}' } },
  },
]);

conformance('custom scalars', subgraphs, [
  {
    name: 'are any JSON',
    query: '{ any anys }',
    data: { any: anything, anys: [[0, false, ''], null, [{ __typename: 'Thing', id: 'x' }]] },
  },
  {
    name: 'inside entities and beside them',
    query: '{ thing { near far id } }',
    data: { thing: { near: anything, far: [anything, 1.5, 'x'], id: 't' } },
  },
  {
    name: 'under one name with an entity’s',
    query: '{ thing: any other: thing { id far } }',
    data: { thing: anything, other: { id: 't', far: [anything, 1.5, 'x'] } },
  },
]);
