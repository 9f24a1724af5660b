import { print } from 'graphql';
import { createLogger } from 'kit/logger';
import { gatewaySettings } from '../config.ts';
import { compose, LINK } from '../conformance/testing/federation.ts';
import { refusal } from '../errors.ts';
import { loadGraph } from '../graph/graph.ts';
import { createPlanner } from '../graph/planner.ts';
import { createPreparation } from '../operation/prepare.ts';
import { createCachedOperations } from './cached-operation.ts';
import { readHints } from './declarations.ts';

const graph = loadGraph(compose({ one: { typeDefs: `${LINK} type Query { a: String }` } }));
const hints = readHints(graph, { hints: { 'Query.a': { maxAge: 60 } } }, []);
const planner = createPlanner(2000);
afterAll(() => planner.close());

test.each([
  ['PLANNER_BUSY', 'is tried again', true],
  ['PLAN_TIMEOUT', 'is remembered', false],
])('a failure to plan an operation for the cache: %s %s', async (code, _, isTriedAgain) => {
  const settings = gatewaySettings({ NODE_ENV: 'test', LOG_LEVEL: 'silent' });
  const operation = await createPreparation(graph, settings, { planner, onPlan: null }).prepare('{ a }', null);
  let failure: Error | null = refusal(code, 'Not now.');
  const operations = createCachedOperations({
    hintsOf: () => hints,
    planWith: (one) => (documents, moved) =>
      failure ? Promise.reject(failure) : planner.plan(one, documents.map(print), false, moved),
    log: createLogger('gateway-test', 'silent'),
  });
  expect(await operations(operation)).toBeNull();
  failure = null;
  const again = await operations(operation);
  expect(again !== null).toBe(isTriedAgain);
  expect(await operations(operation)).toBe(again);
});
