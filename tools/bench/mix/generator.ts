/** The load generator of the mix: a process of its own that holds its connections and makes one run per message. */
import { openClients, type Clients, type Outcome } from './clients.ts';
import { createMix, type Only, type World } from './requests.ts';

export type Job =
  | {
      readonly kind: 'open';
      readonly host: string;
      readonly port: number;
      readonly connections: number;
      readonly world: World;
    }
  | {
      readonly kind: 'run';
      readonly ratePerSecond: number;
      readonly seconds: number;
      readonly only?: Only;
      /** Gives up early once it has failed: at a failure, or where answers are more than a second behind. */
      readonly isStrict?: boolean;
    };

export interface RunResult {
  readonly ratePerSecond: number;
  /** How long it was sent at this rate. */
  readonly seconds: number;
  readonly sent: number;
  readonly answered: number;
  readonly failures: number;
  readonly firstFailure: string | null;
  /** In milliseconds, over all kinds and for each. */
  readonly averageMs: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly p95MsByKind: Readonly<Record<string, number>>;
}

const TICK_MILLISECONDS = 5;
/** What is not answered by then counts as failed. */
const PATIENCE_MILLISECONDS = 10_000;

let outcomes: Outcome[] = [];
let clients: Clients | undefined;
let next: ReturnType<typeof createMix> | undefined;

type RunJob = Extract<Job, { readonly kind: 'run' }>;

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Sends at an even rate, whether or not answers keep up: a server that falls behind is seen in the times. */
async function run({ ratePerSecond, seconds, only, isStrict = false }: RunJob): Promise<RunResult> {
  if (!clients || !next) throw new Error('open comes first');
  // What an earlier run has left behind is no part of this one.
  const quiet = performance.now() + PATIENCE_MILLISECONDS;
  while (clients.pending() > 0 && performance.now() < quiet) await pause(TICK_MILLISECONDS);
  outcomes = [];
  const startedAt = performance.now();
  let sent = 0;
  for (;;) {
    const elapsed = performance.now() - startedAt;
    if (elapsed >= seconds * 1000) break;
    const due = Math.floor((elapsed / 1000) * ratePerSecond);
    for (; sent < due; sent++) clients.send(next(only));
    if (isStrict && (clients.pending() > ratePerSecond || outcomes.some(({ failure }) => failure !== null))) break;
    await pause(TICK_MILLISECONDS);
  }
  const took = (performance.now() - startedAt) / 1000;
  const deadline = performance.now() + PATIENCE_MILLISECONDS;
  while (outcomes.length < sent && performance.now() < deadline) {
    await pause(20);
  }
  return resultOf(ratePerSecond, took, sent);
}

function resultOf(ratePerSecond: number, seconds: number, sent: number): RunResult {
  const times = (kind: string | null): number[] =>
    outcomes
      .filter((one) => kind === null || one.kind === kind)
      .map(({ milliseconds }) => milliseconds)
      .sort((a, b) => a - b);
  const all = times(null);
  const failed = outcomes.filter(({ failure }) => failure !== null);
  return {
    ratePerSecond,
    seconds: rounded(seconds),
    sent,
    answered: outcomes.length,
    failures: failed.length + (sent - outcomes.length),
    firstFailure: failed[0]?.failure ?? null,
    averageMs: rounded(all.reduce((sum, one) => sum + one, 0) / Math.max(1, all.length)),
    p50Ms: quantile(all, 0.5),
    p95Ms: quantile(all, 0.95),
    p99Ms: quantile(all, 0.99),
    p95MsByKind: Object.fromEntries(
      [...new Set(outcomes.map(({ kind }) => kind))].map((kind) => [kind, quantile(times(kind), 0.95)]),
    ),
  };
}

const rounded = (value: number): number => Math.round(value * 10) / 10;
const quantile = (sorted: readonly number[], part: number): number =>
  rounded(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0);

process.on('message', (job: Job) => {
  const answer = async (): Promise<unknown> => {
    if (job.kind === 'run') return run(job);
    const { host, port, connections, world } = job;
    clients = await openClients({ host, port }, connections, (outcome) => outcomes.push(outcome));
    next = createMix(world, `${host}:${port}`);
    return { isOpen: true };
  };
  answer().then(
    (result) => process.send?.(result),
    (error: unknown) => process.send?.({ failed: error instanceof Error ? error.message : String(error) }),
  );
});
process.on('disconnect', () => process.exit());
