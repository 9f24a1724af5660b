import { cpuOf, parseStat, type ProcessCpu, treeOf } from './cpu.ts';

const aProcess = (pid: number, parent: number, cpuMs = 1): ProcessCpu => ({ pid, parent, name: 'node', cpuMs });

test('a line of /proc is read, whatever the name is', () => {
  const line = '4211 (odd) (name 7) S 17 4211 4211 0 -1 4194560 900 80 0 0 120 30 5 2 20 0 11 0 900 1 1';
  expect(parseStat(line)).toEqual({ pid: 4211, parent: 17, name: 'odd) (name 7', cpuMs: 1570 });
});

test('a tree is a process and all below it, and nothing beside it', () => {
  const processes = [aProcess(1, 0), aProcess(10, 1), aProcess(11, 10), aProcess(12, 11), aProcess(20, 1)];
  expect(treeOf(10, processes).map(({ pid }) => pid)).toEqual([10, 11, 12]);
  expect(treeOf(99, processes)).toEqual([]);
});

test('the CPU of a tree is the sum of its processes', () => {
  expect(cpuOf([aProcess(1, 0, 5), aProcess(2, 1, 7)])).toBe(12);
});

test('this very process is found, and its work is seen', () => {
  const spent = (): number => cpuOf(treeOf(process.pid));
  const before = spent();
  const until = process.cpuUsage().user + 60_000;
  while (process.cpuUsage().user < until) JSON.parse('[1, 2, 3]');
  expect(spent() - before).toBeGreaterThanOrEqual(40);
});
