import { z } from 'zod';
import { ConfigError, flag, parseConfig, port, positive } from './config.ts';

const shape = {
  PORT: port(4000),
  LIMIT_PER_HOUR: positive(5),
  IS_OPEN: flag(false),
  REDIS_URL: z.url().default('redis://localhost'),
};

test('what is unset or empty has its default', () => {
  const defaults = { PORT: 4000, LIMIT_PER_HOUR: 5, IS_OPEN: false, REDIS_URL: 'redis://localhost' };
  expect(parseConfig(shape, {})).toEqual(defaults);
  expect(parseConfig(shape, { PORT: '', LIMIT_PER_HOUR: undefined, IS_OPEN: '', UNKNOWN: 'x' })).toEqual(defaults);
});

test('what is set is read as what it is', () => {
  expect(parseConfig(shape, { PORT: '0', LIMIT_PER_HOUR: '1000', IS_OPEN: '1', REDIS_URL: 'redis://other' })).toEqual({
    PORT: 0,
    LIMIT_PER_HOUR: 1000,
    IS_OPEN: true,
    REDIS_URL: 'redis://other',
  });
});

test.each([
  ['PORT', '65536'],
  ['PORT', '-1'],
  ['PORT', 'http'],
  ['PORT', '80.5'],
  ['LIMIT_PER_HOUR', '0'],
  ['LIMIT_PER_HOUR', '-5'],
  ['LIMIT_PER_HOUR', 'many'],
  ['IS_OPEN', 'yes'],
  ['REDIS_URL', 'no address'],
])('a bad %s (%j) stops the start and is named', (name, value) => {
  const parse = () => parseConfig(shape, { [name]: value });
  expect(parse).toThrow(ConfigError);
  expect(parse).toThrow(`  ${name}: `);
});

test('all that is wrong is told at once', () => {
  expect(() => parseConfig(shape, { PORT: 'x', IS_OPEN: 'x' })).toThrow(/PORT: [\s\S]*IS_OPEN: /);
});
