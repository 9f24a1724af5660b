import { newId } from './ids.ts';
import { connectionOf, cursorOf, type PageArguments, pageOf } from './page.ts';

const codeOf = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
};
const at = '2026-11-20T12:00:00.000Z';
const id = newId('widget');
const cursor = cursorOf('widgets', [at, id]);
const page = (args: PageArguments) => pageOf('widgets', args, ['moment', 'id']);

test.each([
  [{}, { limit: 20, backward: false, key: null }],
  [
    { first: null, after: null, last: null, before: null },
    { limit: 20, backward: false, key: null },
  ],
  [{ first: 1 }, { limit: 1, backward: false, key: null }],
  [
    { first: 100, after: cursor },
    { limit: 100, backward: false, key: [at, id] },
  ],
  [{ after: cursor }, { limit: 20, backward: false, key: [at, id] }],
  [{ last: 5 }, { limit: 5, backward: true, key: null }],
  [
    { last: 5, before: cursor },
    { limit: 5, backward: true, key: [at, id] },
  ],
])('%o is a page', (args, expected) => {
  expect(page(args)).toEqual(expected);
});

test.each([
  [{ first: 0 }, 'PAGE_SIZE_OUT_OF_RANGE'],
  [{ first: -1 }, 'PAGE_SIZE_OUT_OF_RANGE'],
  [{ first: 101 }, 'PAGE_SIZE_OUT_OF_RANGE'],
  [{ first: 1e9 }, 'PAGE_SIZE_OUT_OF_RANGE'],
  [{ last: 0 }, 'PAGE_SIZE_OUT_OF_RANGE'],
  [{ last: 1e9 }, 'PAGE_SIZE_OUT_OF_RANGE'],
  [{ first: Number.NaN }, 'PAGE_SIZE_OUT_OF_RANGE'],
  [{ first: 1, last: 1 }, 'BAD_USER_INPUT'],
  [{ first: 1, before: cursor }, 'BAD_USER_INPUT'],
  [{ before: cursor }, 'BAD_USER_INPUT'],
  [{ last: 1, after: cursor }, 'BAD_USER_INPUT'],
  [{ last: 1, after: cursor, before: cursor }, 'BAD_USER_INPUT'],
])('%o is refused', (args, code) => {
  expect(codeOf(() => page(args))).toBe(code);
});

const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
test.each([
  '',
  'x',
  '%%%',
  '\0',
  'x'.repeat(1_000_000),
  encoded(null),
  encoded({}),
  encoded('widgets'),
  encoded([]),
  encoded(['widgets']),
  encoded(['widgets', at]),
  encoded(['widgets', at, id, id]),
  encoded(['widgets', id, at]),
  encoded(['widgets', 'x', id]),
  encoded(['widgets', at, 'x']),
  encoded(['widgets', at, '\0']),
  encoded(['widgets', null, id]),
  encoded(['widgets', at, {}]),
  encoded([null, at, id]),
  encoded(['users', at, id]),
  encoded(['widgets', `${at}${'0'.repeat(500)}`, id]),
])('%j is refused as a cursor', (after) => {
  expect(codeOf(() => page({ after }))).toBe('INVALID_CURSOR');
});

test.each([
  ['integer', 5, true],
  ['integer', 2 ** 31, false],
  ['integer', 1.5, false],
  ['integer', '5', false],
  ['number', 1.5, true],
  ['number', 'x', false],
  ['moment', at, true],
  ['moment', 'yesterday', false],
  ['id', id, true],
  ['id', 'x', false],
] as const)('a key that is to be an %s: %j', (kind, part, isTaken) => {
  const read = codeOf(() => pageOf('one', { after: cursorOf('one', [part]) }, [kind]));
  expect(read).toEqual(isTaken ? { limit: 20, backward: false, key: [part] } : 'INVALID_CURSOR');
});

test('a list of any name takes its own cursors', () => {
  const list = `search:${'long '.repeat(100)}`;
  expect(pageOf(list, { after: cursorOf(list, [5]) }, ['integer']).key).toEqual([5]);
});

const connection = (args: PageArguments, rows: number[]) => {
  const { edges, pageInfo } = connectionOf('numbers', pageOf('numbers', args, ['integer']), rows, (row) => [row]);
  return { rows: edges.map((edge) => edge.node), ...pageInfo };
};
const of = (number: number) => cursorOf('numbers', [number]);

test('a connection knows from one row too many that more follows', () => {
  expect(connection({ first: 2 }, [1, 2, 3])).toEqual({
    rows: [1, 2],
    hasNextPage: true,
    hasPreviousPage: false,
    startCursor: of(1),
    endCursor: of(2),
  });
  expect(connection({ first: 2, after: of(2) }, [3])).toEqual({
    rows: [3],
    hasNextPage: false,
    hasPreviousPage: true,
    startCursor: of(3),
    endCursor: of(3),
  });
  expect(connection({ last: 2 }, [5, 4, 3])).toEqual({
    rows: [4, 5],
    hasNextPage: false,
    hasPreviousPage: true,
    startCursor: of(4),
    endCursor: of(5),
  });
  expect(connection({ last: 2, before: of(3) }, [2, 1])).toEqual({
    rows: [1, 2],
    hasNextPage: true,
    hasPreviousPage: false,
    startCursor: of(1),
    endCursor: of(2),
  });
  expect(connection({ first: 2 }, [])).toEqual({
    rows: [],
    hasNextPage: false,
    hasPreviousPage: false,
    startCursor: null,
    endCursor: null,
  });
});
