import { busStream } from '../bus.ts';
import type { Change, Context } from '../context.ts';
import { sql } from '../database.ts';
import { onTheirWay } from './rights.events-sent.ts';
import { partType, type Reporter, type RightsPlan, type Section } from './rights.ts';
import { countMore, finishTask, lockTask, saveTask, type Task, type TaskKey } from './rights.tasks.ts';
import { scrubStream } from './rights.scrub.ts';

/** Characters of a part: an event that Redis, PostgreSQL and memory take without noticing. A longer row stands alone. */
const PART_LENGTH = 256 * 1024;
/** Parts that may be under way at once: an archive of gigabytes must not fill the event stream. */
const PARTS_UNDER_WAY = 16;

export type Progress = 'more' | 'waits' | 'done';

/** Reads one page of a person's data and hands it over, in one transaction with the note of how far it has come. */
export async function gatherPage(ctx: Context, key: TaskKey, plan: RightsPlan, reporter: Reporter): Promise<Progress> {
  return ctx.change(async (tx) => {
    const task = await lockTask(tx, key);
    if (!task) return 'done';
    const underWay = await onTheirWay(tx, partType(plan.subgraph), task.requestId);
    const section = plan.sections[task.step];
    if (!section) return endGathering(tx, task, plan, reporter, underWay);
    if (underWay >= PARTS_UNDER_WAY) return 'waits';
    await handOver(tx, task, section, reporter);
    return 'more';
  });
}

async function handOver(tx: Change, task: Task, section: Section, reporter: Reporter): Promise<void> {
  const { rows, next } = await section.page(tx, task.person, task.place);
  const pieces = piecesOf(rows);
  for (const [index, piece] of pieces.entries()) {
    const number = task.parts + index + 1;
    await reporter.part(tx, { requestId: task.requestId, number, file: section.file, ...piece });
  }
  await saveTask(tx, {
    ...task,
    step: next === null ? task.step + 1 : task.step,
    place: next,
    parts: task.parts + pieces.length,
    counts: countMore(task.counts, section.file, rows.length),
  });
}

/** Says that this was all, and stays until the last part has arrived. */
async function endGathering(
  tx: Change,
  task: Task,
  { subgraph }: RightsPlan,
  reporter: Reporter,
  underWay: number,
): Promise<Progress> {
  if (task.waitPosition === null) {
    await reporter.gathered(tx, task.requestId, task.parts, task.counts);
    await saveTask(tx, { ...task, waitPosition: 0 });
    return 'more';
  }
  if (underWay > 0) return 'waits';
  if (reporter.isRemote) await forgetParts(tx, task, subgraph);
  await finishTask(tx, task);
  return 'done';
}

/** Once they have arrived, nothing of the parts stays on the way; what tells of their end may still be there. */
async function forgetParts(tx: Change, { requestId, startedAt }: Task, subgraph: string): Promise<void> {
  await tx.rows(sql`delete from outbox where aggregate_id = ${requestId} and type = ${partType(subgraph)}`);
  await scrubStream(tx.services.redis, busStream(subgraph), [requestId, partType(subgraph)], startedAt);
}

interface Piece {
  readonly rows: number;
  readonly body: string;
}

function piecesOf(rows: readonly object[]): Piece[] {
  const pieces: { rows: number; body: string }[] = [];
  for (const row of rows) {
    const json = JSON.stringify(row);
    const last = pieces.at(-1);
    if (!last || last.body.length + json.length > PART_LENGTH) pieces.push({ rows: 1, body: json });
    else {
      last.rows++;
      last.body += `,\n${json}`;
    }
  }
  return pieces;
}
