import {
  type DocumentNode,
  execute,
  getOperationAST,
  NoUnusedVariablesRule,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import { seen, unhandledIn } from './comparing.testing.ts';
import { randomOperation } from './documents.testing.ts';
import { type Behaviour, testSchema } from './graph.testing.ts';
import { compileOperation } from './operation.ts';

/** An error of the corpus is made of another one's stack, which is dear to write. */
const { stackTraceLimit } = Error;
beforeAll(() => void (Error.stackTraceLimit = 0));
afterAll(() => void (Error.stackTraceLimit = stackTraceLimit));

const schema = testSchema();
const rules = specifiedRules.filter((rule) => rule !== NoUnusedVariablesRule);

const compiled = (document: DocumentNode) => {
  const operation = getOperationAST(document);
  const run = operation && compileOperation(schema, document, operation);
  if (!run) throw new Error('the executor compiles no such operation');
  return run;
};

const KINDS = ['mutation', 'subscription'] as const;

interface Tally {
  operations: number;
  whole: number;
  partial: number;
  nothing: number;
  otherOrder: number;
}

/** Runs one seed's operation in both, each twice, and compares. */
async function compare(seed: number, tally: Tally): Promise<void> {
  const { query, variables: variableValues } = randomOperation(schema, seed, KINDS[seed % 10] ?? 'query');
  const document = parse(query);
  if (validate(schema, document, rules).length > 0) return;
  const contextOf = (): Behaviour => ({
    seed,
    failing: [0, 0.02, 0.05, 0.15][seed % 4] ?? 0,
    maxTicks: [1, 3, 8][seed % 3] ?? 1,
    log: [],
  });
  const run = compiled(document);
  const given = { variableValues, rootValue: { number: 5 } };
  for (let time = 1; time <= 2; time++) {
    const [mine, theirs] = [contextOf(), contextOf()];
    const expected = await execute({ schema, document, contextValue: theirs, ...given });
    const actual = await run({ contextValue: mine, ...given });
    expect({ seed, ...seen(actual) }).toEqual({ seed, ...seen(expected) });
    expect(mine.log).toEqual(theirs.log);
    if (JSON.stringify(actual.errors) !== JSON.stringify(expected.errors)) tally.otherOrder++;
    if (time === 2) continue;
    tally.operations++;
    tally[expected.data ? (expected.errors ? 'partial' : 'whole') : 'nothing']++;
  }
}

/*
 * The executor beside graphql-js on a schema with all there is, over operations and resolvers' behaviour that a seed
 * decides: answers at once or after some microtasks, null, errors thrown, rejected and returned, values of wrong types.
 */
test('generated operations are answered as by graphql-js, error for error', async () => {
  const tally: Tally = { operations: 0, whole: 0, partial: 0, nothing: 0, otherOrder: 0 };
  // graphql-js leaves some where an item of a list fails at once and one before it fails later.
  await unhandledIn(async () => {
    for (let seed = 1; seed <= 500; seed++) await compare(seed, tally);
  });
  // A corpus of nothing but failures, or of none, would show little.
  expect(tally.operations).toBeGreaterThan(330);
  expect(tally.whole).toBeGreaterThan(80);
  expect(tally.partial).toBeGreaterThan(140);
  expect(tally.nothing).toBeGreaterThan(80);
  // Errors of the same moment come in graphql-js's order too, but where it takes some microtasks more to notice success.
  expect(tally.otherOrder).toBeLessThan(tally.operations / 50);
});
