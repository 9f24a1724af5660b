import { measureMix } from '../tools/bench/mix.ts';

test(
  'the stated mix is held for a minute at 500 requests a second or more',
  async () => {
    const { held, cacheHitRates, machine } = await measureMix({ seconds: 60, stepSeconds: 10, connections: 1000 });
    console.log(JSON.stringify({ held, cacheHitRates, machine }, null, 2));
    expect(held).toMatchObject({ failures: 0 });
    expect(held?.ratePerSecond).toBeGreaterThanOrEqual(500);
  },
  20 * 60_000,
);
