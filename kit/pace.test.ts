import { createPace, hurried } from './pace.ts';

test('the first turn is at once, the next one only when the time is over', async () => {
  const pace = createPace(200);
  const started = performance.now();
  expect(await firstOf(pace.turn(), later(150))).toBe('turn');
  await pace.turn();
  expect(performance.now() - started).toBeGreaterThan(150);
});

test('who comes after a while without work is not held up', async () => {
  const pace = createPace(100);
  await pace.turn();
  await new Promise((resolve) => setTimeout(resolve, 150));
  expect(await firstOf(pace.turn(), later(80))).toBe('turn');
});

test('nobody pauses while somebody waits, and a pause ends when somebody comes to wait', async () => {
  const pace = createPace(60_000);
  await pace.turn();
  const paused = pace.turn();
  await hurried(async () => {
    await paused;
    await pace.turn();
  });
  expect(await firstOf(pace.turn(), later(50))).toBe('later');
  pace.end();
});

test('the end lets go whoever pauses, for good', async () => {
  const pace = createPace(60_000);
  await pace.turn();
  const paused = pace.turn();
  pace.end();
  await paused;
  await pace.turn();
});

const firstOf = (turn: Promise<void>, other: Promise<string>): Promise<string> =>
  Promise.race([turn.then(() => 'turn'), other]);

const later = (milliseconds: number): Promise<string> =>
  new Promise((resolve) => setTimeout(() => resolve('later'), milliseconds));
