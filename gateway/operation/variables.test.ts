import { buildSchema, getOperationAST, getVariableValues, parse } from 'graphql';
import type { Names } from './names.ts';
import { compileCoercion } from './variables.ts';

const schema = buildSchema(`
  enum Size { SMALL LARGE }
  input Part { name: String!, sizes: [Size!] = [SMALL] }
  type Query { things(id: ID, count: Int, part: Part, parts: [Part!]): String }
`);
const names = { variables: (sent: object) => sent } as unknown as Names;

/** What we make of variables, and what graphql-js does. */
function both(variables: string, sent: Record<string, unknown>) {
  const document = parse(`query (${variables}) { things }`);
  const node = getOperationAST(document);
  if (!node) throw new Error('there is an operation');
  const ours = compileCoercion(schema, document, node, names)(sent);
  const theirs = getVariableValues(schema, node.variableDefinitions ?? [], sent, { maxErrors: 10 });
  return {
    ours: Array.isArray(ours) ? { errors: ours.map(({ message }: Error) => message) } : ours,
    theirs: theirs.errors
      ? { errors: theirs.errors.map(({ message }) => message) }
      : { values: theirs.coerced, sent, conditions: {} },
  };
}

test.each<[variables: string, sent: Record<string, unknown>]>([
  ['$id: ID!', { id: 7 }],
  ['$id: ID!', { id: null }],
  ['$id: ID!', {}],
  ['$id: ID = "x"', {}],
  ['$id: ID = "x"', { id: null }],
  ['$id: ID! = "x"', {}],
  ['$id: ID', {}],
  ['$count: Int!, $id: ID', { count: 'many', id: {} }],
  ['$count: Int = 3, $size: Size', { size: 'LARGE', unknown: 1 }],
  ['$size: Size', { size: 'HUGE' }],
  ['$part: Part!', { part: { name: 'a' } }],
  ['$part: Part!', { part: { name: 'a', sizes: 'LARGE', more: 1 } }],
  ['$part: Part = { name: "b" }', {}],
  ['$parts: [Part!]', { parts: { name: 'one' } }],
  ['$parts: [Part!]', { parts: [null, { name: 1 }] }],
  ['$constructor: ID, $__proto__: ID', {}],
  ['$__proto__: ID', JSON.parse('{"__proto__": "x"}') as Record<string, unknown>],
])('%s of %j is read as graphql-js reads it', (variables, sent) => {
  const { ours, theirs } = both(variables, sent);
  expect(ours).toEqual(theirs);
});
