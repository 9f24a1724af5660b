import { metrics } from './metrics.ts';
import { Tally } from './tally.ts';

test('what is counted is there whenever somebody reads, once', async () => {
  const tally = new Tally({ name: 'tally_test_total', help: 'A test', labelNames: ['fruit', 'outcome'] });
  const read = async (): Promise<string[]> =>
    (await metrics.metrics()).split('\n').filter((line) => line.startsWith('tally_test_total'));
  expect(await read()).toEqual([]);
  tally.inc('apple', 'ripe');
  tally.inc('apple', 'ripe');
  tally.inc('pear', 'green', 3);
  const first = [
    'tally_test_total{fruit="apple",outcome="ripe"} 2',
    'tally_test_total{fruit="pear",outcome="green"} 3',
  ];
  expect(await read()).toEqual(first);
  expect(await read()).toEqual(first);
  tally.inc('apple', 'ripe');
  tally.inc('apple', 'green');
  expect(await read()).toEqual([
    'tally_test_total{fruit="apple",outcome="ripe"} 3',
    first[1],
    'tally_test_total{fruit="apple",outcome="green"} 1',
  ]);
});
