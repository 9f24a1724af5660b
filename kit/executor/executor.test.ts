import DataLoader from 'dataloader';
import {
  buildSchema,
  execute,
  type ExecutionResult,
  getIntrospectionQuery,
  GraphQLError,
  type GraphQLFieldResolver,
  parse,
} from 'graphql';
import { CodedError } from '../errors.ts';
import { seen, unhandledIn } from './comparing.testing.ts';
import { createExecutor } from './executor.ts';
import type { RunOptions } from './operation.ts';

type Resolvers = Record<string, Record<string, GraphQLFieldResolver<never, never>>>;

function schemaOf(typeDefs: string, resolvers: Resolvers) {
  const made = buildSchema(typeDefs);
  for (const [type, fields] of Object.entries(resolvers)) {
    for (const [name, resolve] of Object.entries(fields)) {
      const field = (made.getType(type) as unknown as { getFields: () => Record<string, object> }).getFields()[name];
      Object.assign(field ?? {}, { resolve });
    }
  }
  return made;
}

const LISTS = schemaOf('type Query { posts: [Post!]! } type Post { id: ID! author: String mine: String! }', {
  Query: { posts: () => Array.from({ length: 20 }, (_, id) => ({ id })) },
  Post: {
    author: ({ id }: { id: number }, _, ctx: { users: DataLoader<number, string> }) => ctx.users.load(id % 3),
    mine: (async ({ id }: { id: number }, _: unknown, ctx: { users: DataLoader<number, string> }) =>
      `${await ctx.users.load(id)}!`) as never,
  },
});

test('what a level asks of a loader is read together', async () => {
  const batches: (readonly number[])[] = [];
  const users = new DataLoader<number, string>((keys) => {
    batches.push(keys);
    return Promise.resolve(keys.map((key) => `user ${key}`));
  });
  const { data } = await createExecutor(LISTS).prepare('{ posts { id author mine } }').run({ contextValue: { users } });
  expect(batches).toHaveLength(1);
  expect((data?.['posts'] as unknown[])[19]).toEqual({ id: '19', author: 'user 1', mine: 'user 19!' });
});

test('the last object of a long list is like the first, whatever its fields are called', async () => {
  const many = schemaOf('type Query { many: [One!]! } type One { n: Int! }', {
    Query: { many: () => Array.from({ length: 1000 }, (_, n) => ({ n })) },
  });
  const query = '{ many { class: n constructor: n get: n async: n null: n _: n arguments: __typename } }';
  for (let time = 1; time <= 2; time++) {
    const actual = await createExecutor(many).prepare(query).run({});
    expect(seen(actual)).toEqual(seen(await execute({ schema: many, document: parse(query) })));
  }
});

const BROKEN = schemaOf('type Query { items: [Int!] all: [Item!] } type Item { n: Int! }', {
  Query: {
    items: () => [Promise.resolve().then(() => Promise.reject(new Error('later'))), 'at once'],
    all: () => [{ n: () => Promise.resolve(null) }, { n: () => Promise.resolve('no number') }, null],
  },
});

test('no rejection is left to nobody, where graphql-js leaves some', async () => {
  const query = '{ items all { n } }';
  const { prepare } = createExecutor(BROKEN);
  const answers: ExecutionResult[] = [];
  const ours = await unhandledIn(async () => answers.push(await prepare(query).run({})));
  const theirs = await unhandledIn(async () => answers.push(await execute({ schema: BROKEN, document: parse(query) })));
  expect(ours).toBe(0);
  expect(theirs).toBeGreaterThan(0);
  expect(JSON.stringify(answers[0])).toBe(JSON.stringify(answers[1]));
});

const ECHO = schemaOf(
  `input Range { from: Int = 1 to: Int! }
   type Query { echo(list: [Int!], range: Range, text: String = "x"): String fail: String info(n: Int): String self: Query }`,
  {
    Query: {
      echo: ((_: unknown, args: { list?: number[]; range?: object }) => {
        args.list?.push(9);
        Object.assign(args.range ?? {}, { from: 99 });
        return JSON.stringify(args);
      }) as never,
      fail: () => {
        throw new CodedError('CONFLICT', 'No.');
      },
      self: () => ({}),
      info: (_, __, ___, info) => JSON.stringify({ ...info, schema: undefined, fieldNodes: info.fieldNodes.length }),
    },
  },
);
const times = (count: number, text: (n: number) => string): string =>
  Array.from({ length: count }, (_, n) => text(n)).join(' ');

const both = async (query: string, options: RunOptions & { operationName?: string } = {}) => {
  const { operationName = null, ...given } = options;
  const expected = await execute({ schema: ECHO, document: parse(query), operationName, ...given });
  const { prepare } = createExecutor(ECHO);
  const actual = await prepare(query, operationName).run(given);
  expect(seen(actual)).toEqual(seen(expected));
  return { actual, again: await prepare(query, operationName).run(given) };
};

test('a resolver that changes its arguments changes them for nobody else', async () => {
  const { actual, again } = await both('{ echo(list: [1, 2], range: { to: 5 }) }');
  expect(actual).toEqual({ data: { echo: '{"list":[1,2,9],"range":{"from":99,"to":5},"text":"x"}' } });
  expect(again).toEqual(actual);
});

test('a failure is the very error that was thrown, located', async () => {
  const { actual } = await both('{ self { fail } }');
  const [error] = actual.errors ?? [];
  expect(error).toBeInstanceOf(GraphQLError);
  expect(error?.originalError).toBeInstanceOf(CodedError);
  expect(error?.path).toEqual(['self', 'fail']);
});

test.each([
  [
    'what resolvers are told',
    'query Q($n: Int) { self { a: info(n: $n) ...F } } fragment F on Query { info }',
    { variableValues: { n: 1 } },
  ],
  ['introspection', getIntrospectionQuery({ inputValueDeprecation: true }), {}],
  ['a type by name', '{ __type(name: "Query") { name fields { name } } again: __typename }', {}],
  ['an answer named __proto__', '{ __proto__: __typename self { __proto__: echo } }', {}],
  ['answers named like methods', '{ constructor: __typename hasOwnProperty: echo toString: fail }', {}],
  [
    'one of several operations',
    'query A($y: Boolean!) { a: echo @include(if: $y) } query B { b: echo }',
    { operationName: 'B' },
  ],
  ['no operation of that name', 'query A { echo }', { operationName: 'C' }],
  ['no name among several', 'query A { echo } query B { fail }', {}],
  ['a missing variable', 'query ($n: Int!) { info(n: $n) }', {}],
  [
    'a condition without a value',
    'query ($y: Boolean = true) { self { echo @include(if: $y) } }',
    { variableValues: { y: null } },
  ],
  [
    'more wrong variables than are told',
    `query (${times(60, (n) => `$v${n}: Int!`)}) { ${times(60, (n) => `a${n}: info(n: $v${n})`)} }`,
    {},
  ],
])('%s: as graphql-js', async (_, query, options) => {
  const { actual, again } = await both(query, options);
  expect(seen(again)).toEqual(seen(actual));
});

test('each combination of conditions selects for itself', async () => {
  const query = 'query ($a: Boolean!, $b: Boolean!) { self { x: echo @include(if: $a) y: echo @skip(if: $b) } }';
  for (const [a, b] of [
    [true, true],
    [true, false],
    [false, true],
    [false, false],
    [true, true],
  ] as const) {
    const { actual } = await both(query, { variableValues: { a, b } });
    expect(Object.keys(actual.data?.['self'] as object)).toEqual([...(a ? ['x'] : []), ...(b ? [] : ['y'])]);
  }
});

test('an invalid document is refused with its first error, each time', () => {
  const { prepare } = createExecutor(ECHO);
  for (const query of ['{', '{ nothing }', '']) {
    for (let time = 1; time <= 2; time++) expect(() => prepare(query)).toThrow(GraphQLError);
  }
});
