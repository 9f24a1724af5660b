import { type Change, type Context, once } from 'kit/context';
import { sql } from 'kit/database';
import { CodedError } from 'kit/errors';
import { fromUuid, type Id, newId, toUuid } from 'kit/ids';
import { recordAct } from '../audit/audit.actions.ts';
import { settingsOf } from '../config.ts';
import { startTask } from '../privacy/privacy.actions.ts';
import { SUBGRAPHS } from './export.entity.ts';
import { exportRequested } from './export.events.ts';
import { dataExportById, type DataExportRow } from './export.loaders.ts';

export interface RequestDataExportInput {
  readonly idempotencyKey?: string | null;
}

/** Asks all subgraphs for what they know of the viewer. While one archive is under way there is no second. */
export async function requestDataExport(ctx: Context, input: RequestDataExportInput): Promise<DataExportRow | null> {
  const { userId } = ctx.viewer;
  if (userId === null) throw new CodedError('UNAUTHENTICATED', 'Sign in first.');
  const exportId = await once(ctx, 'requestDataExport', input.idempotencyKey, input, async (tx) => {
    const underWay = await unfinishedOf(tx, userId);
    if (underWay) return underWay;
    const points = settingsOf(ctx).LIMIT_DATA_EXPORTS_PER_DAY;
    await ctx.services.limiter.take({ name: 'data exports', points, durationSeconds: 86_400 }, userId);
    return begin(tx, userId);
  });
  return dataExportById(ctx, exportId);
}

async function unfinishedOf(tx: Change, userId: Id): Promise<Id | null> {
  const [row] = await tx.rows<{ id: string }>(
    sql`select id from data_export where user_id = ${toUuid(userId)} and status = 'GATHERING'`,
  );
  return row ? fromUuid('export', row.id) : null;
}

async function begin(tx: Change, userId: Id): Promise<Id> {
  const exportId = newId('export');
  const [begun] = await tx.rows(sql`
    insert into data_export (id, user_id) values (${toUuid(exportId)}, ${toUuid(userId)})
    on conflict do nothing returning 1`);
  // Two at once: the other one has committed, and its archive is the one.
  if (!begun) return (await unfinishedOf(tx, userId)) ?? begin(tx, userId);
  await tx.rows(sql`
    insert into data_export_source (export_id, subgraph)
    select ${toUuid(exportId)}, name from unnest(${[...SUBGRAPHS]}::text[]) name`);
  tx.emit(exportRequested, { exportId, userId });
  recordAct(tx, { action: 'export.request', subjectId: userId });
  await startTask(tx, { kind: 'GATHER', requestId: exportId, personId: userId, mode: 'ANONYMISE' });
  return exportId;
}
