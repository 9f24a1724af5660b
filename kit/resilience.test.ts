import { resilient } from './resilience.ts';

const failing = (times: number) => {
  let calls = 0;
  const work = () => (++calls <= times ? Promise.reject(new Error('no')) : Promise.resolve(calls));
  return { work, calls: () => calls };
};

test('a call that fails is tried again as often as said', async () => {
  const [twice, thrice] = [failing(2), failing(3)];
  expect(await resilient({ timeoutSeconds: 5, retries: 2 }).execute(twice.work)).toBe(3);
  await expect(resilient({ timeoutSeconds: 5, retries: 2 }).execute(thrice.work)).rejects.toThrow('no');
  expect(thrice.calls()).toBe(3);
});

test('what may not happen twice is tried once', async () => {
  const once = failing(1);
  await expect(resilient({ timeoutSeconds: 5, retries: 0 }).execute(once.work)).rejects.toThrow('no');
  expect(once.calls()).toBe(1);
});

test('a call that hangs is given up in time', async () => {
  const started = Date.now();
  await expect(
    resilient({ timeoutSeconds: 0.05, retries: 0 }).execute(() => new Promise(() => undefined)),
  ).rejects.toThrow(/timed out/i);
  expect(Date.now() - started).toBeLessThan(20_000);
});

test('a dependency that fails again and again is left alone, without being called', async () => {
  const policy = resilient({ timeoutSeconds: 5, retries: 0 });
  const down = failing(Number.POSITIVE_INFINITY);
  for (let n = 0; n < 400; n++) await policy.execute(down.work).catch(() => undefined);
  const before = down.calls();
  await expect(policy.execute(down.work)).rejects.toThrow(/circuit|breaker/i);
  expect(down.calls()).toBe(before);
});
