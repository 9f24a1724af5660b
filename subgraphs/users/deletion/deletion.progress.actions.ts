import type { Change, Context } from 'kit/context';
import { sql } from 'kit/database';
import { fromUuid, type Id, toUuid } from 'kit/ids';
import type { Counts, Mode } from 'kit/rights/rights';
import { OTHERS, SUBGRAPHS } from '../export/export.entity.ts';
import { queueMail } from '../mail/mail.actions.ts';
import { deletionErased } from './deletion.events.ts';
import { stepsOf } from './deletion.loaders.ts';

export type Phase = 'ERASE' | 'SWEEP';

export interface Running {
  readonly uuid: string;
  readonly userId: Id;
  readonly mode: Mode;
  readonly status: 'CLOSED' | 'ERASING' | 'SWEEPING';
  readonly address: string;
}

/** A deletion that has begun, held by this transaction; null once it is done. */
export async function lockRunning(tx: Change, uuid: string): Promise<Running | null> {
  const [row] = await tx.rows<Running>(sql`
    select id as uuid, user_id as "userId", mode, status, coalesce(address, '') as address from deletion
    where id = ${uuid} and status in ('CLOSED', 'ERASING', 'SWEEPING') for update`);
  return row ? { ...row, userId: fromUuid('user', row.userId) } : null;
}

/** Notes what a subgraph has done; told twice, it is noted once. */
export async function keepStep(
  tx: Change,
  step: { readonly deletionId: Id; readonly subgraph: string; readonly phase: Phase; readonly counts: Counts },
): Promise<void> {
  const { deletionId, subgraph, phase, counts } = step;
  await tx.rows(sql`
    insert into deletion_step (deletion_id, subgraph, phase, counts)
    select id, ${subgraph}, ${phase}, ${JSON.stringify(counts)} from deletion where id = ${toUuid(deletionId)}
    on conflict do nothing`);
}

export async function haveDone(ctx: Context, uuid: string, phase: Phase, names: readonly string[]): Promise<boolean> {
  const [row] = await ctx.rows<{ count: number }>(sql`
    select count(*)::int as count from deletion_step
    where deletion_id = ${uuid} and phase = ${phase} and subgraph = any(${[...names]}::text[])`);
  return row?.count === names.length;
}

/** Once all have removed what is their own, all are asked for the rest. Answers whether it is users' own turn: it sweeps last. */
export async function advance(tx: Change, uuid: string): Promise<Running | null> {
  const running = await lockRunning(tx, uuid);
  if (running?.status === 'ERASING' && (await haveDone(tx, uuid, 'ERASE', SUBGRAPHS))) {
    await tx.rows(sql`update deletion set status = 'SWEEPING' where id = ${uuid}`);
    tx.emit(deletionErased, { deletionId: fromUuid('deletion', uuid), userId: running.userId, mode: running.mode });
    return null;
  }
  return running?.status === 'SWEEPING' && (await haveDone(tx, uuid, 'SWEEP', OTHERS)) ? running : null;
}

/** The last step of all: from here on the receipt names nobody. Its mail is the last that goes to the address. */
export async function finishDeletion(tx: Change, deletionId: Id): Promise<void> {
  const uuid = toUuid(deletionId);
  const running = await lockRunning(tx, uuid);
  if (running?.status !== 'SWEEPING') return;
  await tx.rows(sql`
    update deletion set status = 'DONE', finished_at = now(), user_id = null, address = null, username = null
    where id = ${uuid}`);
  const steps = await stepsOf(tx, uuid);
  const receipt = steps.map(({ subgraph, phase, counts }) => {
    const done = counts.filter(({ count }) => count > 0).map(({ name, count }) => `${name}: ${count}`);
    return `${subgraph}, ${phase === 'ERASE' ? 'its own' : 'known from others'}: ${done.join(', ') || 'nothing'}`;
  });
  if (running.address === '') return;
  await queueMail(tx, {
    template: 'deletionDone',
    address: running.address,
    data: { receipt },
    effectKey: `deletion-done:${deletionId}`,
  });
}
