import { buildSchema, getIntrospectionQuery, Kind, parse, validate, type OperationDefinitionNode } from 'graphql';
import { checkCost, compileCost } from './cost.ts';
import { checkDocument, defaultOperationLimits, parseOperation } from './limits.ts';

/** Each attack has its twin: a request of the same shape that people do send, which passes. */
const schema = buildSchema(`
  type Query { me: String  shelf(id: ID, first: Int, name: String): Shelf  shelves: [Shelf!]! }
  type Mutation { login(name: String, code: Int): String  resetPassword(name: String): String  rename(name: String): String }
  type Shelf { id: ID!  name(style: Int): String  next(id: ID): Shelf  books(first: Int, last: Int): BookConnection! }
  type BookConnection { edges: [BookEdge!]!  nodes: [Book!]! }
  type BookEdge { node: Book! }
  type Book { id: ID!  title: String!  shelf: Shelf! }
`);
const limits = { ...defaultOperationLimits, sensitiveFields: new Set(['Mutation.login', 'Mutation.resetPassword']) };
const COST_LIMIT = 4000;
/** Of CPU: far more than any takes; what a bomb would take without limits is far more still. */
const SOON_MS = 2000;

interface Outcome {
  readonly code: unknown;
  readonly measured?: unknown;
  readonly limit?: unknown;
}

const passed: Outcome = { code: 'passed' };

/** What a document comes to: the first refusal by limits, validation or cost. */
function outcomeOf(text: string, variables: Readonly<Record<string, unknown>> = {}): Outcome {
  const before = process.cpuUsage();
  try {
    return judge(text, variables);
  } catch (error) {
    return extensionsOf(error as Error & { extensions: Record<string, unknown> });
  } finally {
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(SOON_MS);
  }
}

function judge(text: string, variables: Readonly<Record<string, unknown>>): Outcome {
  const document = parseOperation(text, limits);
  const [overLimit] = checkDocument(document, limits);
  if (overLimit) return extensionsOf(overLimit);
  const [invalid] = validate(schema, document);
  if (invalid) return { code: `invalid: ${invalid.message}` };
  const operation = document.definitions.find(
    (definition): definition is OperationDefinitionNode => definition.kind === Kind.OPERATION_DEFINITION,
  );
  if (!operation) return { code: 'no operation' };
  const cost = compileCost({ schema, supergraphSchema: schema }, document, operation)(variables);
  const tooDear = checkCost(cost, COST_LIMIT);
  return tooDear ? extensionsOf(tooDear) : passed;
}

const extensionsOf = ({ extensions: { code, measured, limit } }: { extensions: Record<string, unknown> }): Outcome =>
  measured === undefined ? { code } : { code, measured, limit };

const many = (count: number, text: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => text(index)).join(' ');
const over = (code: string, measured: number, limit: number): Outcome => ({
  code: `${code}_LIMIT_EXCEEDED`,
  measured,
  limit,
});
/** `levels` levels of fields, leaf included. */
const nested = (levels: number): string => `shelf { ${'next { '.repeat(levels - 2)}id${' }'.repeat(levels - 1)}`;

describe('deep nesting', () => {
  test('is refused, also through fragments and at hundreds of levels', () => {
    expect(outcomeOf(`{ ${nested(13)} }`)).toEqual(over('DEPTH', 13, 12));
    expect(outcomeOf(`{ ${nested(600)} }`)).toEqual(over('DEPTH', 600, 12));
    const chain = many(10, (index) => `fragment f${index} on Shelf { next { ...f${index + 1} } }`);
    expect(outcomeOf(`{ shelf { next { ...f0 } } } ${chain} fragment f10 on Shelf { id }`)).toEqual(
      over('DEPTH', 13, 12),
    );
  });
  test('of inline fragments alone is refused where no stack would hold it', () => {
    const limits = { ...defaultOperationLimits, maxTokens: 100_000 };
    const nothingButFragments = `{ ${'...{ '.repeat(20_000)}me${' }'.repeat(20_000)} }`;
    const shorter = `{ ${'...{ '.repeat(1200)}me${' }'.repeat(1200)} }`;
    const unreadable = { extensions: { code: 'GRAPHQL_PARSE_FAILED', http: { status: 400 } } };
    expect(() => parseOperation(nothingButFragments, limits)).toThrow(expect.objectContaining(unreadable) as Error);
    expect(checkDocument(parseOperation(shorter, limits), limits)).toMatchObject([
      { extensions: { code: 'DEPTH_LIMIT_EXCEEDED', measured: 1000 } },
    ]);
  });
  test('of twelve levels passes', () => {
    expect(outcomeOf(`{ ${nested(12)} }`)).toEqual(passed);
  });
});

describe('an alias flood', () => {
  test('is refused, as it is when a fragment is spread again and again', () => {
    expect(outcomeOf(`{ shelf { ${many(31, (index) => `a${index}: id`)} } }`)).toEqual(over('ALIAS', 31, 30));
    const spreads = many(8, (index) => `s${index}: shelf { ...f }`);
    const text = `{ ${spreads} } fragment f on Shelf { a: id b: id c: id }`;
    expect(outcomeOf(text)).toEqual(over('ALIAS', 32, 30));
  });
  test('of thirty passes', () => {
    expect(outcomeOf(`{ shelf { ${many(30, (index) => `a${index}: id`)} } }`)).toEqual(passed);
  });
});

describe('a root field flood', () => {
  test('is refused, also out of fragments', () => {
    expect(outcomeOf(`{ ${'me '.repeat(21)} }`)).toEqual(over('ROOT_FIELD', 21, 20));
    expect(outcomeOf('{ ...a ...a ...a } fragment a on Query { ... { me me me me me me me } }')).toEqual(
      over('ROOT_FIELD', 21, 20),
    );
  });
  test('of twenty passes, as do many fields further down', () => {
    expect(outcomeOf(`{ ${'me '.repeat(19)} shelf { ${many(50, () => 'id')} } }`)).toEqual(passed);
  });
});

describe('a directive flood', () => {
  test('is refused on one field, on variables, on operations, and through fragments', () => {
    expect(outcomeOf(`{ me ${'@a '.repeat(51)} }`)).toEqual(over('DIRECTIVE', 51, 50));
    expect(outcomeOf(`query ($a: Int ${'@a '.repeat(30)}) ${'@b '.repeat(21)} { me }`)).toEqual(
      over('DIRECTIVE', 51, 50),
    );
    const text = `{ shelf { ${'...f '.repeat(17)} } } fragment f on Shelf { id @skip(if: true) name @skip(if: true) ... @skip(if: true) { id } }`;
    expect(outcomeOf(text)).toEqual(over('DIRECTIVE', 51, 50));
  });
  test('is refused in an operation that is not to run, and in a fragment that nothing spreads', () => {
    expect(outcomeOf(`query a { me } query b { me ${'@a '.repeat(51)} }`)).toEqual(over('DIRECTIVE', 51, 50));
    expect(outcomeOf(`{ me } fragment f on Query { me ${'@a '.repeat(51)} }`)).toEqual(over('DIRECTIVE', 51, 50));
  });
  test('of fifty passes', () => {
    expect(outcomeOf(`{ shelf { ${many(50, () => 'id @include(if: true)')} } }`)).toEqual(passed);
  });
});

describe('a token flood', () => {
  test('is refused before it is read whole', () => {
    expect(outcomeOf(`{ ${'me '.repeat(100_000)}`)).toEqual(over('TOKEN', 2001, 2000));
    expect(outcomeOf(`{ me ${'#\n'.repeat(100_000)} }`)).toEqual(over('TOKEN', 2001, 2000));
  });
  test('is not what a long document with few tokens is', () => {
    expect(outcomeOf(`{ shelf { ${many(99, () => 'id')} } }`.padEnd(250_000))).toEqual(passed);
  });
  test('keeps other syntax errors apart, with where they are', () => {
    const located = { message: expect.stringContaining('<EOF>') as string, locations: [{ line: 1, column: 6 }] };
    expect(() => parseOperation('{ me ', limits)).toThrow(expect.objectContaining(located) as Error);
    expect(outcomeOf('{ shelf(name: "Parsing aborted." ')).toEqual({ code: 'GRAPHQL_PARSE_FAILED' });
    expect(outcomeOf('')).toEqual({ code: 'GRAPHQL_PARSE_FAILED' });
  });
});

describe('a fragment cycle', () => {
  test.each([
    ['of one', '{ shelf { ...a } } fragment a on Shelf { next { ...a } }'],
    ['of two', '{ shelf { ...a } } fragment a on Shelf { ...b } fragment b on Shelf { next { ...a } }'],
    ['that nothing spreads', '{ me } fragment a on Shelf { next { ...b } } fragment b on Shelf { ...a }'],
    [
      'of all with all',
      `{ shelf { ...f0 } } ${many(15, (at) => `fragment f${at} on Shelf { ${many(15, (to) => `next { ...f${to} }`)} }`)}`,
    ],
  ])('%s is refused before validation', (_name, text) => {
    expect(outcomeOf(text)).toEqual({ code: 'GRAPHQL_VALIDATION_FAILED' });
  });
  test('is none where a fragment is spread twice', () => {
    expect(
      outcomeOf('{ shelf { ...a next { ...a } } } fragment a on Shelf { id ...b } fragment b on Shelf { name }'),
    ).toEqual(passed);
  });
});

describe('a fragment explosion', () => {
  const doubling = (levels: number) =>
    many(levels, (at) => `fragment f${at} on Shelf { ...f${at + 1} ...f${at + 1} }`) +
    ` fragment f${levels} on Shelf { id }`;
  test('is measured without being written out, and refused', () => {
    expect(outcomeOf(`{ shelf { ...f0 } } ${doubling(60)}`)).toEqual(over('SELECTION', 2 ** 60 + 1, 100_000));
  });
  test('is refused in an operation beside the one to run, and in fragments that nothing spreads', () => {
    expect(outcomeOf(`query a { me } query b { shelf { ...f0 } } ${doubling(40)}`)).toMatchObject({
      code: 'SELECTION_LIMIT_EXCEEDED',
    });
    expect(outcomeOf(`{ me } ${doubling(40)}`)).toMatchObject({ code: 'SELECTION_LIMIT_EXCEEDED' });
  });
  test('of a few levels passes', () => {
    expect(outcomeOf(`{ shelf { ...f0 } } ${doubling(6)}`)).toEqual(passed);
  });
});

describe('a bomb of overlapping fields', () => {
  test.each([
    ['leaves', `{ shelf { ${many(1900, () => 'id')} } }`],
    ['differing arguments', `{ shelf { ${many(300, (at) => `name(style: ${at})`)} } }`],
    ['levels that merge', `{ shelf { ${many(300, () => 'next { id }')} } }`],
    ['lists of spreads', `{ shelf { ${many(250, () => '...f')} } } fragment f on Shelf { id }`],
    ['a fragment that nothing spreads', `{ me } fragment a on Shelf { ${many(1900, () => 'id')} }`],
    [
      'a fragment behind another of its name',
      `{ shelf { ...a } } fragment a on Shelf { ${many(1900, () => 'id')} } fragment a on Shelf { id }`,
    ],
  ])('out of %s is refused before validation', (_name, text) => {
    expect(outcomeOf(text)).toMatchObject({ code: 'OVERLAP_LIMIT_EXCEEDED', limit: 10_000 });
  });
  test('counts each pair once: three fields of one name are three, their children as one level', () => {
    const few = { ...limits, maxOverlaps: 0 };
    const overlaps = (text: string) => checkDocument(parse(text), few)[0]?.extensions['measured'] ?? 0;
    expect(overlaps('{ shelf { id } other: shelf { id } }')).toBe(0);
    expect(overlaps('{ me me me }')).toBe(3);
    expect(overlaps('{ shelf { id } shelf { id name } shelf { id name } }')).toBe(3 + 3 + 1);
    expect(overlaps('{ shelf { ...a ... { id } ...a } } fragment a on Shelf { id }')).toBe(1 + 1);
  });
  test('is none where forty components select the same dozen fields', () => {
    const fragments = many(
      40,
      (at) => `fragment f${at} on Shelf { id name ...own${at} } fragment own${at} on Shelf { next { id name } }`,
    );
    expect(outcomeOf(`{ shelf { ${many(40, (at) => `...f${at}`)} } } ${fragments}`)).toEqual(passed);
  });
});

describe('names like those of introspection and of objects', () => {
  const deep = nested(20);
  test.each([
    ['an operation', `query __schema { ${deep} }`],
    ['an operation of objects', `query constructor { ${deep} }`],
    ['a fragment', `{ ...__schema } fragment __schema on Query { ${deep} }`],
    ['a fragment of objects', `{ ...__proto__ } fragment __proto__ on Query { ${deep} }`],
    ['another fragment of objects', `{ ...constructor } fragment constructor on Query { ${deep} }`],
    ['an alias', `{ __schema: ${deep} }`],
    ['an alias of objects', `{ __proto__: ${deep} }`],
    [
      'a fragment beside true introspection',
      `{ __schema { queryType { name } } ...__type } fragment __type on Query { ${deep} }`,
    ],
  ])('%s excuses nothing', (_name, text) => {
    expect(outcomeOf(text)).toEqual(over('DEPTH', 20, 12));
  });
  test('aliases are counted whatever they are called', () => {
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];
    expect(outcomeOf(`{ shelf { ${many(31, (at) => `${names[at % 4]}${at < 4 ? '' : at}: id`)} } }`)).toEqual(
      over('ALIAS', 31, 30),
    );
  });
  test('pass where the document is small', () => {
    expect(
      outcomeOf('query constructor { ...__proto__ constructor: me } fragment __proto__ on Query { __proto__: me }'),
    ).toEqual(passed);
  });
  test('as variables are variables', () => {
    const text =
      'query ($constructor: Int, $__proto__: Int) { shelf { a: books(first: $constructor) { nodes { id } } b: books(first: $__proto__) { nodes { id } } } }';
    expect(outcomeOf(text)).toEqual(passed);
    expect(outcomeOf(text, { constructor: 10_000 })).toMatchObject({ code: 'COST_LIMIT_EXCEEDED' });
  });
});

describe('huge pages', () => {
  const page = (first: string) => `{ shelf { books(first: ${first}) { nodes { id } } } }`;
  test('cost what they hold, and too much together', () => {
    expect(outcomeOf(page('10000'))).toEqual(over('COST', 10_002, 4000));
    expect(
      outcomeOf('{ shelves { books(first: 50) { edges { node { shelf { books(first: 50) { nodes { id } } } } } } } }'),
    ).toMatchObject({ code: 'COST_LIMIT_EXCEEDED' });
  });
  test('through variables and their defaults too', () => {
    const text = 'query ($first: Int = 5000) { shelf { books(first: $first) { nodes { id } } } }';
    expect(outcomeOf(text)).toEqual(over('COST', 5002, 4000));
    expect(outcomeOf(text, { first: 2_147_483_647 })).toEqual(over('COST', 2_147_483_649, 4000));
    expect(outcomeOf(text, { first: Number.POSITIVE_INFINITY })).toMatchObject({ code: 'COST_LIMIT_EXCEEDED' });
    expect(outcomeOf(text, { first: 100 })).toEqual(passed);
  });
  test('of a hundred pass', () => {
    expect(outcomeOf(page('100'))).toEqual(passed);
  });
  test('in exploding fragments are costed at once, and end at a number', () => {
    const levels = many(
      9,
      (at) => `fragment f${at} on Shelf { books(first: $n) { nodes { shelf { ...f${at + 1} } } } }`,
    );
    const text = `query ($n: Int) { shelf { ...f0 ...f0 } } ${levels} fragment f9 on Shelf { id }`;
    const document = parse(text);
    const cost = compileCost(
      { schema, supergraphSchema: schema },
      document,
      document.definitions[0] as OperationDefinitionNode,
    );
    expect(cost({ n: 1 })).toBe(1 + 2 * 9 * 3);
    expect(cost({ n: 2_000_000_000 })).toBe(Number.MAX_SAFE_INTEGER);
    expect(cost({ n: 0 })).toBe(3);
  });
});

describe('introspection', () => {
  test('that goes deeper than graphql’s own is refused', () => {
    const deeper = `{ __schema { types { fields { type { ${'ofType { '.repeat(11)}name${' }'.repeat(11)} } } } } }`;
    expect(outcomeOf(deeper)).toEqual(over('DEPTH', 16, 15));
    const fields = `{ __schema { types { ${'fields { type { '.repeat(6)}name${' } }'.repeat(6)} } } }`;
    expect(outcomeOf(fields)).toEqual({ code: 'invalid: Maximum introspection depth exceeded' });
  });
  test('as graphql’s own tools ask it passes', () => {
    expect(outcomeOf(getIntrospectionQuery())).toEqual(passed);
  });
});

describe('guesses in one operation', () => {
  const repeated = { code: 'SENSITIVE_FIELD_REPEATED', measured: 2, limit: 1 };
  test('by alias, by fragment, over two sensitive fields: refused', () => {
    expect(outcomeOf('mutation { a: login(code: 1) b: login(code: 2) }')).toEqual(repeated);
    expect(
      outcomeOf(
        'mutation { ...a ...b } fragment a on Mutation { x: login } fragment b on Mutation { ... { y: login } }',
      ),
    ).toEqual(repeated);
    expect(outcomeOf('mutation { login resetPassword }')).toEqual(repeated);
    expect(outcomeOf('query { me } mutation m { a: login b: login }')).toEqual(repeated);
  });
  test('a single one passes, beside whatever else, and other fields may repeat', () => {
    expect(outcomeOf('mutation { login rename a: rename b: rename }')).toEqual(passed);
    expect(outcomeOf('{ login: me resetPassword: me }')).toEqual(passed);
  });
});
