import { subgraphs } from 'subgraphs/start';
import type { Environment } from './config.ts';

/** What a PostgreSQL with its own defaults has to give, but for a few kept back for tools. */
const COMMON_CONNECTIONS = 90;
const KEPT_BACK = 10;
const LARGEST_POOL = 8;
/** One may be held by the relay and one by a job, and requests want one too. */
const SMALLEST_POOL = 3;

/** The connections of each subgraph in each of so many processes that have all subgraphs: fewer where there are many, unless they are set. */
export function poolSizeFor(workers: number, { DATABASE_POOL_SIZE }: Environment): number {
  if (DATABASE_POOL_SIZE) return Number(DATABASE_POOL_SIZE);
  const share = Math.floor(COMMON_CONNECTIONS / (workers * subgraphs.length));
  return Math.max(SMALLEST_POOL, Math.min(LARGEST_POOL, share));
}

/** How many connections all of them may open at once, with some for tools. */
export function connectionsFor(workers: number, environment: Environment): number {
  const connections = workers * subgraphs.length * poolSizeFor(workers, environment);
  return Math.max(COMMON_CONNECTIONS, Number.isFinite(connections) ? connections : 0) + KEPT_BACK;
}
