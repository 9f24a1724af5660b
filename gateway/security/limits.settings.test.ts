import { parseConfig, positive } from 'kit/config';
import { defaultCostOptions } from './cost.options.ts';
import { defaultOperationLimits } from './limits.ts';
import { checkBudgets, costOptions, limitSettings, operationLimits, rateRules } from './limits.settings.ts';
import { defaultRateRules } from './rate-limit.ts';

const shape = {
  ...limitSettings,
  MAX_DEPTH: positive(12),
  MAX_INTROSPECTION_DEPTH: positive(15),
  MAX_TOKENS: positive(2000),
  MAX_SELECTIONS: positive(100_000),
};

test('nothing set is every default', () => {
  const settings = parseConfig(shape, {});
  expect(operationLimits(settings)).toEqual(defaultOperationLimits);
  expect(costOptions(settings)).toEqual(defaultCostOptions);
  expect(rateRules(settings)).toEqual(defaultRateRules);
});

test('what is set is taken', () => {
  const settings = parseConfig(shape, {
    SENSITIVE_FIELDS: ' Mutation.login, ,Mutation.reset',
    MAX_ALIASES: '3',
    COST_LEAF_WEIGHT: '0',
    COST_PAGE_ARGUMENTS: 'limit',
    RATE_ADDRESS_REQUESTS: '500',
    RATE_LEASE_MILLISECONDS: '0',
  });
  expect([...operationLimits(settings).sensitiveFields]).toEqual(['Mutation.login', 'Mutation.reset']);
  expect(operationLimits(settings).maxAliases).toBe(3);
  expect(costOptions(settings).pageArguments).toEqual(['limit']);
  expect(rateRules(settings)?.address).toEqual({ requests: 500, cost: 200_000 });
  expect(rateRules(settings)?.leaseMilliseconds).toBe(0);
  expect(rateRules(parseConfig(shape, { RATE_LIMITS: 'off' }))).toBeNull();
});

test('a limit of nothing, or below, is refused by name', () => {
  expect(() => parseConfig(shape, { MAX_COST: '0' })).toThrow(/MAX_COST/);
  expect(() => parseConfig(shape, { COST_OBJECT_WEIGHT: '-1' })).toThrow(/COST_OBJECT_WEIGHT/);
});

test.each([
  ['RATE_ANONYMOUS_COST', { RATE_ANONYMOUS_COST: '100' }],
  ['RATE_ANONYMOUS_COST', { MAX_COST: '4001' }],
  ['RATE_SIGNED_IN_COST', { RATE_SIGNED_IN_COST: '3999' }],
  ['RATE_ADDRESS_COST', { RATE_ADDRESS_REQUESTS: '10', RATE_ADDRESS_COST: '3999' }],
])('an operation that would not fit %s could never run, which stops the start: %j', (budget, environment) => {
  const check = () => checkBudgets(parseConfig(shape, environment));
  expect(check).toThrow(new RegExp(`^MAX_COST: must be no more than ${budget}: `));
});

test.each([
  { MAX_COST: '100', RATE_ANONYMOUS_COST: '100' },
  { RATE_ANONYMOUS_COST: '100', RATE_LIMITS: 'off' },
  { RATE_ANONYMOUS_COST: '100', COST_MODE: 'measure' },
  { RATE_ADDRESS_COST: '100' },
])('budgets that are large enough, or refuse nothing, do not: %j', (environment) => {
  expect(() => checkBudgets(parseConfig(shape, environment))).not.toThrow();
});
