import type { Change, Context } from '../context.ts';
import { sql } from '../database.ts';
import { fromUuid, type Id, kindOf, toUuid } from '../ids.ts';
import type { Counts, Mode, Person } from './rights.ts';

export type TaskKind = 'GATHER' | 'ERASE' | 'SWEEP';

export interface TaskKey {
  readonly requestUuid: string;
  readonly kind: TaskKind;
}

export interface Task extends TaskKey {
  readonly requestId: Id;
  readonly person: Person;
  /** Which section or step is next. */
  readonly step: number;
  readonly place: string | null;
  readonly parts: number;
  readonly counts: Counts;
  /** The last event of the task's own: it waits until all up to it have arrived. */
  readonly waitPosition: number | null;
  readonly startedAt: Date;
}

export interface NewTask {
  readonly requestId: Id;
  readonly kind: TaskKind;
  readonly personId: Id;
  readonly mode: Mode;
}

/** Notes what is to be done; asked twice, it is done once. */
export async function startTask(tx: Change, { requestId, kind, personId, mode }: NewTask): Promise<void> {
  await tx.rows(sql`
    insert into rights_task (request_id, kind, request_kind, person_id, person_kind, mode)
    values (${toUuid(requestId)}, ${kind}, ${kindOf(requestId)}, ${toUuid(personId)}, ${kindOf(personId)}, ${mode})
    on conflict do nothing`);
}

export const unfinishedTasks = (ctx: Context): Promise<TaskKey[]> =>
  ctx.rows<TaskKey>(sql`
    select request_id as "requestUuid", kind from rights_task where finished_at is null order by started_at, kind`);

interface TaskRow extends TaskKey {
  readonly requestKind: string;
  readonly personUuid: string;
  readonly personKind: string;
  readonly mode: Mode;
  readonly step: number;
  readonly place: string | null;
  readonly parts: number;
  readonly counts: Counts;
  readonly waitPosition: number | null;
  readonly startedAt: Date;
}

/** The task, held by this transaction; null where it is finished or another process is at it. */
export async function lockTask(tx: Change, { requestUuid, kind }: TaskKey): Promise<Task | null> {
  const [row] = await tx.rows<TaskRow>(sql`
    select request_id as "requestUuid", kind, request_kind as "requestKind", person_id as "personUuid",
      person_kind as "personKind", mode, step, place, parts, counts, wait_position as "waitPosition",
      started_at as "startedAt"
    from rights_task where request_id = ${requestUuid} and kind = ${kind} and finished_at is null
    for update skip locked`);
  if (!row) return null;
  const { requestKind, personUuid, personKind, mode, ...rest } = row;
  const person = { id: fromUuid(personKind, personUuid), uuid: personUuid, mode };
  return { ...rest, person, requestId: fromUuid(requestKind, requestUuid) };
}

/** Notes how far the task has come, in the transaction that has brought it there. */
export async function saveTask(tx: Change, task: Task): Promise<void> {
  await tx.rows(sql`
    update rights_task set step = ${task.step}, place = ${task.place}, parts = ${task.parts},
      counts = ${JSON.stringify(task.counts)}, wait_position = ${task.waitPosition}
    where request_id = ${task.requestUuid} and kind = ${task.kind}`);
}

/** What is finished is forgotten but for its key: the person's id leaves with it. */
export async function finishTask(tx: Change, { requestUuid, kind }: TaskKey): Promise<void> {
  await tx.rows(sql`
    update rights_task set finished_at = now(), place = null, counts = '{}', person_id = request_id
    where request_id = ${requestUuid} and kind = ${kind}`);
}

export const countMore = (counts: Counts, name: string, by: number): Counts => ({
  ...counts,
  [name]: (counts[name] ?? 0) + by,
});
