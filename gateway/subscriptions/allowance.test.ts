import { createAllowance } from './allowance.ts';

test('a minute’s worth at once, then as fast as it fills again', () => {
  let now = 0;
  const allowance = createAllowance(60, () => now);
  const take = (count: number) => Array.from({ length: count }, allowance.take).filter(Boolean).length;
  expect(take(70)).toBe(60);
  now += 2500;
  expect(take(10)).toBe(2);
  now += 3_600_000;
  expect(take(100)).toBe(60);
});
