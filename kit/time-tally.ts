import { type Metric, register } from 'prom-client';

export interface TimeTallyOptions {
  readonly name: string;
  readonly help: string;
  readonly labelName: string;
  /** Upper bounds in seconds, rising. */
  readonly buckets: readonly number[];
}

interface Times {
  /** How many fell into each bucket, and at the end those above them all. */
  readonly counts: number[];
  sum: number;
}

/**
 * A histogram of one label for what happens with every request. It adds to plain numbers, as a Tally does: a Histogram writes
 * its label and its bounds as texts each time. The registry takes whatever can be read as a metric.
 */
export class TimeTally {
  readonly #buckets: readonly number[];
  readonly #times = new Map<string, Times>();

  constructor({ name, help, labelName, buckets }: TimeTallyOptions) {
    this.#buckets = buckets;
    const about = { name, help, type: 'histogram', aggregator: 'sum' };
    const metric = {
      ...about,
      get: () => Promise.resolve({ ...about, values: this.#values(name, labelName) }),
      reset: () => this.#times.clear(),
    };
    register.registerMetric(metric as unknown as Metric);
  }

  /** Adds a time in seconds under the value of the label. */
  observe(label: string, seconds: number): void {
    let times = this.#times.get(label);
    if (!times) {
      times = { counts: new Array<number>(this.#buckets.length + 1).fill(0), sum: 0 };
      this.#times.set(label, times);
    }
    let at = 0;
    while (at < this.#buckets.length && seconds > (this.#buckets[at] as number)) at++;
    times.counts[at] = (times.counts[at] as number) + 1;
    times.sum += seconds;
  }

  /** As Prometheus has it: each bucket counts all that is below its bound. */
  #values(name: string, labelName: string): object[] {
    return [...this.#times].flatMap(([label, { counts, sum }]) => {
      let count = 0;
      const labels = { [labelName]: label };
      const below = counts.map((one, at) => {
        count += one;
        return { metricName: `${name}_bucket`, labels: { le: this.#buckets[at] ?? '+Inf', ...labels }, value: count };
      });
      return [
        ...below,
        { metricName: `${name}_sum`, labels, value: sum },
        { metricName: `${name}_count`, labels, value: count },
      ];
    });
  }
}
