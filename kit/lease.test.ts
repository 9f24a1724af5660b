import { createLease } from './lease.ts';
import { testStores } from './testing/stores.ts';

const stores = testStores();
const KEY = 'a lease';
const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

test('one holds it for as long as it renews it; given back, another has it at once', async () => {
  let isKept = false;
  // A process that is held up for seconds loses it, as it should: one of three tries is enough.
  for (let tries = 0; tries < 3 && !isKept; tries++) {
    const [one, other] = [createLease(stores.redis, KEY, 'one'), createLease(stores.redis, KEY, 'other')];
    expect(await one.isHeld()).toBe(true);
    expect(await other.isHeld()).toBe(false);
    await pause(4000);
    isKept = !(await other.isHeld()) && (await one.isHeld());
    await one.release();
    expect(await other.isHeld()).toBe(true);
    await other.release();
  }
  expect(isKept).toBe(true);
});

test('who has lost it meanwhile neither keeps it nor takes it from its new holder', async () => {
  const one = createLease(stores.redis, KEY, 'one');
  expect(await one.isHeld()).toBe(true);
  await stores.redis.set(KEY, 'somebody else');
  await pause(2600);
  expect(await one.isHeld()).toBe(false);
  await one.release();
  expect(await stores.redis.get(KEY)).toBe('somebody else');
  await stores.redis.del(KEY);
});
