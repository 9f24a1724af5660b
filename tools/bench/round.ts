import { cpuOf, type ProcessCpu, runs, treeOf } from './cpu.ts';
import { load, type LoadOptions } from './load.ts';
import type { Setup } from './setups.ts';
import type { Measured } from './statistics.ts';

interface Reading {
  readonly setup: readonly ProcessCpu[];
  readonly gateway: readonly ProcessCpu[];
  readonly postgresql: readonly ProcessCpu[];
  readonly redis: readonly ProcessCpu[];
}

/** CPU of the set-up's processes, and of the stores, which this process has started itself. */
function read({ child, gatewayScript }: Setup): Reading {
  const ours = treeOf(process.pid);
  const named = (names: readonly string[]): ProcessCpu[] => ours.filter(({ name }) => names.includes(name));
  const setup = treeOf(child.pid);
  return {
    setup,
    gateway: setup.filter((one) => runs(one, gatewayScript)),
    postgresql: named(['postgres']),
    redis: named(['redis-server', 'valkey-server']),
  };
}

/** One round of load on one set-up, and what it cost. Throws where a process of the set-up was lost, because its cost was too. */
export async function measure(setup: Setup, options: LoadOptions): Promise<Measured & { firstError: string | null }> {
  const target = await setup.target();
  const before = read(setup);
  const result = await load(target, options);
  const after = read(setup);
  const pids = (reading: Reading): string => reading.setup.map(({ pid }) => pid).join();
  if (pids(before) !== pids(after)) throw new Error(`a process of ${setup.name} ended in the middle of a round`);
  if (before.gateway.length !== 1) throw new Error(`${setup.name} has ${before.gateway.length} gateways`);
  const spent = (part: keyof Reading): number => cpuOf(after[part]) - cpuOf(before[part]);
  return {
    ...result,
    cpuMs: spent('setup'),
    gatewayCpuMs: spent('gateway'),
    postgresqlCpuMs: spent('postgresql'),
    redisCpuMs: before.redis.length === 0 ? null : spent('redis'),
  };
}
