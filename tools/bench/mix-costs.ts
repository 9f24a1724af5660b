/**
 * `npm run bench -- mix-costs`: what each kind of request of the mix (mix.ts) costs in CPU, by process and with all that
 * follows from it, at a rate that leaves the machine time. What the product does unasked is measured first and taken off.
 * Prints JSON on stdout, progress on stderr. `--seconds 10 --connections 50 --only vote --profile FOLDER`.
 */
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { treeOf } from './cpu.ts';
import type { RunResult } from './mix/generator.ts';
import type { Only } from './mix/requests.ts';
import { startMixProduct } from './mix/product.ts';
import { commonOptions, optionsOf } from './options.ts';
import { withStops } from './stops.ts';

const log = (line: string): void => void process.stderr.write(`${line}\n`);

/** Rates at which two cores are about half busy. */
const CASES: Readonly<Record<string, Only & { readonly ratePerSecond: number }>> = {
  'post page': { kind: 'post page', isSignedIn: false, ratePerSecond: 200 },
  'post page, signed in': { kind: 'post page', isSignedIn: true, ratePerSecond: 50 },
  feed: { kind: 'feed', isSignedIn: false, ratePerSecond: 200 },
  'feed, signed in': { kind: 'feed', isSignedIn: true, ratePerSecond: 50 },
  search: { kind: 'search', isSignedIn: false, ratePerSecond: 50 },
  vote: { kind: 'vote', isSignedIn: true, ratePerSecond: 25 },
  comment: { kind: 'comment', isSignedIn: true, ratePerSecond: 15 },
};
const SETTLE_MILLISECONDS = 3000;

type Cpu = Readonly<Record<string, number>>;

/** CPU milliseconds so far by program: the workers, their primary, PostgreSQL, Redis, the generator. */
function cpuByProgram(product: number): Cpu {
  const sums: Record<string, number> = {};
  const ours = new Set(treeOf(product).map(({ pid }) => pid));
  for (const { pid, name, cpuMs } of treeOf(process.pid)) {
    if (pid === process.pid) continue;
    const program = /postgres|redis|valkey/i.exec(name)?.[0] ?? (ours.has(pid) ? 'workers' : 'generator');
    sums[program] = (sums[program] ?? 0) + cpuMs;
  }
  return sums;
}

const less = (after: Cpu, before: Cpu): Record<string, number> =>
  Object.fromEntries(Object.entries(after).map(([name, ms]) => [name, ms - (before[name] ?? 0)]));

const rounded = (value: number): number => Math.round(value * 100) / 100;

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, SETTLE_MILLISECONDS));

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: { ...commonOptions, only: { type: 'string' } } });
  const { seconds, connections, profileFolder } = optionsOf(values);
  const cases = Object.entries(CASES).filter(([name]) => values.only === undefined || name === values.only);
  if (cases.length === 0) throw new Error(`--only is one of: ${Object.keys(CASES).join(', ')}`);
  await withStops(async (stops) => {
    const { product, run: ask } = await startMixProduct(stops, { connections, log, profileFolder });
    const measure = async (work: () => Promise<unknown>): Promise<Cpu> => {
      await pause();
      const before = cpuByProgram(product.pid);
      await work();
      await pause();
      return less(cpuByProgram(product.pid), before);
    };
    await ask({ ratePerSecond: 50, seconds });
    const idle = await measure(() => new Promise((resolve) => setTimeout(resolve, seconds * 1000)));
    const report: Record<string, object> = {};
    for (const [name, { ratePerSecond, ...only }] of cases) {
      await ask({ ratePerSecond, seconds: 3, only });
      const done: RunResult[] = [];
      const cpu = await measure(async () => done.push(await ask({ ratePerSecond, seconds, only })));
      const { sent = 1, failures = 0 } = done[0] ?? {};
      const each = Object.entries(less(cpu, idle)).map(([program, ms]) => [program, rounded(ms / sent)] as const);
      const total = rounded(each.reduce((sum, [, ms]) => sum + ms, 0));
      report[name] = { cpuMs: { ...Object.fromEntries(each), total }, sent, failures };
      log(`${name}: ${total} ms CPU (${each.map(([program, ms]) => `${program} ${ms}`).join(', ')})`);
    }
    const second = Object.entries(idle).map(([program, ms]) => [program, rounded(ms / (seconds + 6))] as const);
    process.stdout.write(
      `${JSON.stringify({ load: loadavg()[0], idleCpuMsPerSecond: Object.fromEntries(second), cases: report }, null, 2)}\n`,
    );
  });
}
