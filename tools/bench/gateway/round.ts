import { cpuOf, type ProcessCpu, treeOf } from '../cpu.ts';
import type { LoadOptions } from '../load.ts';
import { figuresOf, rounded, type RoundFigures } from '../statistics.ts';
import type { Asked } from './check.ts';
import { type Counts, readCounts } from './counts.ts';
import type { LoadProcess } from './load-process.ts';
import type { Gateway, Stage } from './setups.ts';

/** One round's figures per request; `cpuMsPerRequest` and `gatewayCpuMs` are the gateway process's. */
export interface GatewayFigures extends RoundFigures {
  /** All four subgraphs together: near nothing, or the round measured them too. */
  readonly subgraphsCpuMs: number;
}

export interface Reading {
  readonly gateway: readonly ProcessCpu[];
  readonly subgraphs: readonly ProcessCpu[];
  readonly redis: readonly ProcessCpu[];
  readonly counts: Counts;
}

async function read({ child }: Gateway, { subgraphs, isEmbeddedRedis }: Stage): Promise<Reading> {
  const counts = await readCounts(subgraphs.url);
  const ours = treeOf(process.pid);
  return {
    gateway: treeOf(child.pid),
    subgraphs: treeOf(subgraphs.pid),
    // The embedded one lives in this process, which does nothing else during a round.
    redis: ours.filter(({ pid, name }) =>
      isEmbeddedRedis ? pid === process.pid : /^(redis|valkey)-server/.test(name),
    ),
    counts,
  };
}

export interface RoundOptions {
  readonly gateway: Gateway;
  readonly stage: Stage;
  readonly clients: LoadProcess;
  readonly asked: Asked;
  readonly load: Omit<LoadOptions, 'expected'>;
}

/** One round of load on one gateway. Throws where an answer was wrong, or where the figures would not mean what they say. */
export async function measure({ gateway, stage, clients, asked, load }: RoundOptions): Promise<GatewayFigures> {
  const before = await read(gateway, stage);
  const result = await clients.load(asked.target, { ...load, expected: asked.expected });
  const after = await read(gateway, stage);
  if (result.firstError !== null) {
    throw new Error(`${gateway.name}: ${result.errors} wrong answers, the first: ${result.firstError}`);
  }
  const fault = faultOf(before, after, result.requests * asked.fetches);
  if (fault !== null) throw new Error(`${gateway.name}: ${fault}`);
  const spent = (part: 'gateway' | 'subgraphs' | 'redis'): number => cpuOf(after[part]) - cpuOf(before[part]);
  const gatewayCpuMs = spent('gateway');
  const cpu = { cpuMs: gatewayCpuMs, gatewayCpuMs, postgresqlCpuMs: 0, redisCpuMs: spent('redis') };
  return { ...figuresOf({ ...result, ...cpu }), subgraphsCpuMs: rounded(spent('subgraphs') / result.requests) };
}

/** Why a round between these readings says nothing about the CPU of a request, or null. */
export function faultOf(before: Reading, after: Reading, fetches: number): string | null {
  const pids = ({ gateway }: Reading): string => gateway.map(({ pid }) => pid).join();
  if (pids(before) !== pids(after)) return 'a process started or ended in the middle of a round';
  if (before.counts.computed !== after.counts.computed) {
    return 'subgraphs were sent what they had not seen before, and had to compute answers in a round';
  }
  const asked = after.counts.asked - before.counts.asked;
  if (asked === fetches) return null;
  return `subgraphs were asked ${asked} times instead of ${fetches}: answers are kept or shared between requests`;
}
