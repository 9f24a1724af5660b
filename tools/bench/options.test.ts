import { optionsOf } from './options.ts';

const DEFAULTS = { seconds: '5', rounds: '3', connections: '10' };

test('numbers are whole and positive, and the one that is not is named', () => {
  expect(optionsOf(DEFAULTS)).toEqual({ seconds: 5, rounds: 3, connections: 10, profileFolder: null });
  for (const odd of ['0', '-1', '1.5', 'x', '']) {
    expect(() => optionsOf({ ...DEFAULTS, rounds: odd })).toThrow('--rounds is a whole number from 1 on');
  }
});

test('the folder of profiles is one of the place where the bench was started', () => {
  expect(optionsOf({ ...DEFAULTS, profile: 'profiles' }).profileFolder).toBe(`${process.cwd()}/profiles`);
});
