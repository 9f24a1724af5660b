import { connectionsFor, poolSizeFor } from './connections.ts';

test.each([
  [1, 8, 100],
  [2, 8, 100],
  [3, 6, 100],
  [4, 4, 100],
  [6, 3, 100],
  [16, 3, 250],
  [99, 3, 1495],
])('%s workers have pools of %s, and PostgreSQL takes %s connections', (workers, poolSize, connections) => {
  expect([poolSizeFor(workers, {}), connectionsFor(workers, {})]).toEqual([poolSize, connections]);
});

test('a pool that is set is had', () => {
  const environment = { DATABASE_POOL_SIZE: '20' };
  expect([poolSizeFor(4, environment), connectionsFor(4, environment)]).toEqual([20, 410]);
  // What is no number is refused where it is used.
  expect(connectionsFor(4, { DATABASE_POOL_SIZE: 'many' })).toBe(100);
});
