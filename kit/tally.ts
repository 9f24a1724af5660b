import { Counter } from 'prom-client';

export interface TallyOptions<First extends string, Second extends string> {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly [First, Second];
}

/**
 * A counter of two labels for what happens with every request: plain numbers by the two, handed on to the registry when
 * somebody reads it. A Counter writes its labels as a text each time, which a small request feels.
 */
export class Tally<First extends string, Second extends string> {
  readonly #counts = new Map<string, Map<string, number>>();

  constructor({ name, help, labelNames }: TallyOptions<First, Second>) {
    const [first, second] = labelNames;
    const counts = this.#counts;
    new Counter<string>({
      name,
      help,
      labelNames,
      collect() {
        for (const [one, bySecond] of counts) {
          for (const [other, count] of bySecond) this.inc({ [first]: one, [second]: other }, count);
        }
        counts.clear();
      },
    });
  }

  /** Counts one under the values of its labels. */
  inc(first: string, second: string, by = 1): void {
    let bySecond = this.#counts.get(first);
    if (!bySecond) {
      bySecond = new Map<string, number>();
      this.#counts.set(first, bySecond);
    }
    bySecond.set(second, (bySecond.get(second) ?? 0) + by);
  }
}
