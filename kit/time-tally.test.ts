import { AggregatorRegistry, Histogram } from 'prom-client';
import { metrics } from './metrics.ts';
import { TimeTally } from './time-tally.ts';

const buckets = [0.01, 0.1, 1];
const about = { help: 'A test', buckets };

/** The lines of one metric, under a name that says nothing. */
const linesOf = (text: string, name: string): string[] =>
  text
    .split('\n')
    .filter((line) => line.startsWith(name))
    .map((line) => line.replace(name, 'times'));

test('it reads as a Histogram that saw the same, by one process and by several', async () => {
  const tally = new TimeTally({ ...about, name: 'time_tally_test_seconds', labelName: 'fruit' });
  const histogram = new Histogram({ ...about, name: 'time_histogram_test_seconds', labelNames: ['fruit'] });
  expect(linesOf(await metrics.metrics(), 'time_tally_test_seconds')).toEqual([]);
  for (const [fruit, seconds] of [
    ['apple', 0.004],
    ['apple', 0.01],
    ['apple', 0.5],
    ['apple', 7],
    ['pear', 0.1],
    ['pear', 0],
  ] as const) {
    tally.observe(fruit, seconds);
    histogram.observe({ fruit }, seconds);
  }
  const one = await metrics.metrics();
  expect(linesOf(one, 'time_tally_test_seconds')).toEqual(linesOf(one, 'time_histogram_test_seconds'));
  expect(linesOf(one, 'time_tally_test_seconds')).toContain('times_bucket{le="0.1",fruit="apple"} 2');

  const json = await metrics.getMetricsAsJSON();
  const two = await AggregatorRegistry.aggregate([json, json]).metrics();
  expect(linesOf(two, 'time_tally_test_seconds')).toEqual(linesOf(two, 'time_histogram_test_seconds'));
  expect(linesOf(two, 'time_tally_test_seconds')).toContain('times_count{fruit="apple"} 8');
});
