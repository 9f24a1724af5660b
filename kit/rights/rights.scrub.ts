import type { Redis } from 'ioredis';
import { busStream } from '../bus.ts';
import type { Change } from '../context.ts';
import { sql } from '../database.ts';
import { UNHURRIED } from '../statements.ts';
import type { Person, Step } from './rights.ts';

const PAGE = 100;

/** Takes the entries that name all of `names` out of a stream. Answers how many. */
export async function scrubStream(
  redis: Redis,
  stream: string,
  names: readonly string[],
  since = new Date(0),
): Promise<number> {
  let from = String(Math.max(0, since.getTime() - 60_000));
  for (let count = 0; ;) {
    const entries = await redis.xrange(stream, from, '+', 'COUNT', PAGE);
    const found = entries.filter(([, fields]) => names.every((name) => fields.some((field) => field.includes(name))));
    if (found.length > 0) count += await redis.xdel(stream, ...found.map(([id]) => id));
    const last = entries.at(-1)?.[0];
    if (last === undefined || entries.length < PAGE) return count;
    from = `(${last}`;
  }
}

/** Takes away keys under a prefix whose names hold one of `names`: limits count by person, address and what was typed. */
export async function scrubKeys(redis: Redis, prefix: string, names: readonly string[]): Promise<number> {
  let count = 0;
  for (const name of names) {
    const match = `${prefix}*${name.replace(/[\\*?[\]^]/g, '\\$&')}*`;
    let cursor = '0';
    do {
      const [next, keys] = await redis.scan(cursor, 'MATCH', match, 'COUNT', 1000);
      if (keys.length > 0) count += await redis.unlink(...keys);
      cursor = next;
    } while (cursor !== '0');
  }
  return count;
}

const like = (name: string): string => `%${name.replace(/[\\%_]/g, '\\$&')}%`;

/** No index leads to a person within what others have sent: on a busy site it takes longer than a request may. */
async function countOf(tx: Change, statement: ReturnType<typeof sql<{ count: number }>>): Promise<number> {
  await tx.rows(sql.raw(UNHURRIED));
  const [row] = await tx.rows<{ count: number }>(statement);
  return row?.count ?? 0;
}

/** What every subgraph has from kit. Runs when all events have arrived: what is deleted here nobody waits for. */
export const kitScrubs = (subgraph: string): readonly Step[] => [
  {
    name: 'answers to retried mutations',
    run: (tx, { id }) =>
      countOf(
        tx,
        sql`
        with gone as (delete from idempotency where actor_id = ${id} returning 1) select count(*)::int as count from gone`,
      ),
  },
  {
    name: 'events sent',
    run: (tx, person) =>
      countOf(
        tx,
        sql`
        with gone as (
          delete from outbox where sent_at is not null and awaiting = '{}'
            and (actor_id = ${person.id} or aggregate_id = ${person.id} or payload::text like ${like(person.id)}) returning 1)
        select count(*)::int as count from gone`,
      ),
  },
  {
    name: 'events that failed',
    // What stays of a person who is only made anonymous may still wait for its letter to be replayed.
    run: (tx, person) =>
      countOf(
        tx,
        sql`
        with gone as (
          delete from dead_letter where envelope::text like ${like(person.id)}
            and (${person.mode} = 'ERASE' or envelope->>'aggregateId' = ${person.id}) returning 1)
        select count(*)::int as count from gone`,
      ),
  },
  {
    name: 'background jobs',
    // Those that wait are still to be done; what was given up waits too, in a queue that nobody works off.
    run: (tx, person) =>
      countOf(
        tx,
        sql`
        with gone as (
          delete from job.job
          where (state not in ('created', 'retry', 'active') or name in (select dead_letter from job.queue))
            and concat_ws(' ', singleton_key, data, output) like any (${jobNames(person)}::text[]) returning 1)
        select count(*)::int as count from gone`,
      ),
  },
  {
    name: 'entries of the event stream',
    run: (tx, { id }) => scrubStream(tx.services.redis, busStream(subgraph), [id]),
  },
  { name: 'counters of limits', run: (tx, { id }) => scrubKeys(tx.services.redis, 'limit:', [id]) },
];

const jobNames = ({ id, uuid }: Person): string[] => [like(id), like(uuid)];
