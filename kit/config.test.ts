import { z } from 'zod';
import { ConfigError, flag, parseConfig, port, positive, toggle, words } from './config.ts';

const shape = {
  PORT: port(4000),
  LIMIT_PER_HOUR: positive(5),
  IS_OPEN: flag(false),
  PAGES: toggle(true),
  NAME: words('A name', 8),
  REDIS_URL: z.url().default('redis://localhost'),
};

test('what is unset or empty has its default', () => {
  const rest = { PAGES: true, NAME: 'A name' };
  const defaults = { PORT: 4000, LIMIT_PER_HOUR: 5, IS_OPEN: false, REDIS_URL: 'redis://localhost', ...rest };
  expect(parseConfig(shape, {})).toEqual(defaults);
  expect(parseConfig(shape, { PORT: '', LIMIT_PER_HOUR: undefined, IS_OPEN: '', UNKNOWN: 'x' })).toEqual(defaults);
});

test('what is set is read as what it is', () => {
  const set = {
    PORT: '0',
    LIMIT_PER_HOUR: '1000',
    IS_OPEN: '1',
    REDIS_URL: 'redis://other',
    PAGES: 'off',
    NAME: 'Another',
  };
  expect(parseConfig(shape, set)).toEqual({
    PAGES: false,
    NAME: 'Another',
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
  ['PAGES', 'true'],
  ['NAME', 'Too long a name'],
  ['REDIS_URL', 'no address'],
])('a bad %s (%j) stops the start and is named', (name, value) => {
  const parse = () => parseConfig(shape, { [name]: value });
  expect(parse).toThrow(ConfigError);
  expect(parse).toThrow(`  ${name}: `);
});

test('all that is wrong is told at once', () => {
  expect(() => parseConfig(shape, { PORT: 'x', IS_OPEN: 'x' })).toThrow(/PORT: [\s\S]*IS_OPEN: /);
});
