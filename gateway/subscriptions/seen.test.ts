import { createSeen } from './seen.ts';

test('an id is new once, until it is older than the memory', () => {
  const isNew = createSeen(2);
  expect(['a', 'a', 'b', 'a', 'c', 'b', 'a'].map(isNew)).toEqual([true, false, true, false, true, false, true]);
});
