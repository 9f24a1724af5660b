/**
 * `npm run bench -- mix`: how much of a stated mix of requests this machine serves with a p95 under 180 ms and no error: 70 %
 * post pages, 20 % feeds, 5 % searches, 4 % votes, 1 % comments, no sign-ins; a tenth of the readers are signed in. The
 * product with two workers, its load generator, PostgreSQL and Redis share the machine; caches are as configured; limits
 * per time are wider than the machine. Rates are tried upwards by 100 for a few seconds each, the best one is then held for a
 * minute. Prints JSON on stdout, progress on stderr. `--seconds 60 --connections 1000 --step 10`.
 */
import { availableParallelism, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { ratesOf } from './mix/hit-rates.ts';
import type { RunResult } from './mix/generator.ts';
import { METRICS_TOKEN, startMixProduct } from './mix/product.ts';
import { MIX } from './mix/requests.ts';
import { SIZE } from './mix/world.ts';
import { withStops } from './stops.ts';

const log = (line: string): void => void process.stderr.write(`${line}\n`);

const P95_BAR_MS = 180;
const STEP_RATE = 100;
export interface MixReport {
  readonly machine: { readonly cores: number; readonly loadBefore: number };
  readonly mix: typeof MIX;
  readonly size: typeof SIZE;
  readonly connections: number;
  readonly tried: readonly RunResult[];
  /** The highest rate held for the whole time; null where not even the first was. */
  readonly held: RunResult | null;
  /** Parts of the lookups that caches answered, by cache. */
  readonly cacheHitRates: Readonly<Record<string, number>>;
}

interface MixOptions {
  readonly seconds: number;
  readonly stepSeconds: number;
  readonly connections: number;
}

const isHeld = ({ p95Ms, failures }: RunResult): boolean => p95Ms < P95_BAR_MS && failures === 0;

export async function measureMix(options: MixOptions): Promise<MixReport> {
  const loadBefore = loadavg()[0] ?? 0;
  let report: MixReport | undefined;
  await withStops(async (stops) => {
    const { product, ...mix } = await startMixProduct(stops, {
      connections: options.connections,
      log,
      profileFolder: null,
    });
    const run = async (rate: number, seconds: number, isStrict = false): Promise<RunResult> => {
      const result = await mix.run({ ratePerSecond: rate, seconds, isStrict });
      log(
        `${rate}/s for ${result.seconds} s: p50 ${result.p50Ms} ms, p95 ${result.p95Ms} ms, ${result.failures} failures`,
      );
      return result;
    };
    await run(STEP_RATE, 2 * options.stepSeconds);
    const { tried, held } = await climb(run, options);
    report = {
      machine: { cores: availableParallelism(), loadBefore },
      mix: MIX,
      size: SIZE,
      connections: options.connections,
      tried,
      held,
      cacheHitRates: await ratesOf(new URL('/metrics', product.url).href, METRICS_TOKEN),
    };
  });
  if (!report) throw new Error('the bench was ended');
  return report;
}

/** Tries rates upwards while they hold for a short time, then holds the best one for the whole time, or the next lower one that can be. */
async function climb(
  run: (rate: number, seconds: number, isStrict?: boolean) => Promise<RunResult>,
  { seconds, stepSeconds }: MixOptions,
): Promise<Pick<MixReport, 'tried' | 'held'>> {
  const tried: RunResult[] = [];
  const note = (result: RunResult): RunResult => {
    tried.push(result);
    return result;
  };
  let rate = STEP_RATE;
  // One bad step may be the machine's; two in a row are the product's.
  while (isHeld(note(await run(rate, stepSeconds))) || isHeld(note(await run(rate, stepSeconds)))) rate += STEP_RATE;
  while ((rate -= STEP_RATE) > 0) {
    // What a rate that was too high has left behind is no part of the next one.
    while (!isHeld(await run(STEP_RATE, stepSeconds)));
    const result = note(await run(rate, seconds, true));
    if (isHeld(result) && result.seconds >= seconds) return { tried, held: result };
  }
  return { tried, held: null };
}

export async function run(args: readonly string[]): Promise<void> {
  const text = (fallback: string) => ({ type: 'string', default: fallback }) as const;
  const { values } = parseArgs({
    args: [...args],
    options: { seconds: text('60'), step: text('10'), connections: text('1000') },
  });
  const report = await measureMix({
    seconds: Number(values.seconds),
    stepSeconds: Number(values.step),
    connections: Number(values.connections),
  });
  process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
}
