import { createHash } from 'node:crypto';
import type { Context } from 'kit/context';
import { sql } from 'kit/database';
import { fromUuid, type Id, rowMapper, toUuids } from 'kit/ids';
import { defineLoader, inOrder } from 'kit/loaders';
import type { Mode } from 'kit/rights/rights';

export interface AccountDeletionRow {
  id: Id;
  userId: Id;
  mode: Mode;
  requestedAt: Date;
  dueAt: Date;
}

const toDeletion = rowMapper<AccountDeletionRow>({ id: 'deletion', userId: 'user' });

/** Deletions that can still be taken back, by whose they are: for themselves alone, as the field's rule sees to. */
export const deletionByUser = defineLoader<Id, AccountDeletionRow | null>(async (ctx, ids) => {
  const rows = await ctx.rows<AccountDeletionRow>(sql`
    select id, user_id as "userId", mode, requested_at as "requestedAt", due_at as "dueAt"
    from deletion where user_id = any(${toUuids(ids)}::uuid[]) and status = 'SCHEDULED'`);
  return inOrder(ids, rows.map(toDeletion), (row) => row.userId);
});

export const hashOfReceipt = (token: string): Buffer => createHash('sha256').update(`receipt ${token}`).digest();

export interface Receipt {
  readonly id: Id;
  readonly mode: Mode;
  readonly status: string;
  readonly requestedAt: Date;
  readonly dueAt: Date;
  readonly finishedAt: Date | null;
  readonly steps: readonly ReceiptStep[];
}

interface ReceiptStep {
  readonly subgraph: string;
  readonly phase: string;
  readonly finishedAt: Date;
  readonly counts: readonly { readonly name: string; readonly count: number }[];
}

type StepRow = Omit<ReceiptStep, 'counts'> & { readonly counts: Readonly<Record<string, number>> };

/** What was done, for who has the receipt's word: there is no account to sign in with. */
export async function receiptFor(ctx: Context, { token }: { readonly token: string }): Promise<Receipt | null> {
  const [row] = await ctx.rows<Omit<Receipt, 'steps'>>(sql`
    select id, mode, status, requested_at as "requestedAt", due_at as "dueAt", finished_at as "finishedAt"
    from deletion where receipt_hash = ${hashOfReceipt(token.slice(0, 100))}`);
  if (!row) return null;
  return { ...row, id: fromUuid('deletion', row.id), steps: await stepsOf(ctx, row.id) };
}

export async function stepsOf(ctx: Context, uuid: string): Promise<ReceiptStep[]> {
  const rows = await ctx.rows<StepRow>(sql`
    select subgraph, phase, finished_at as "finishedAt", counts from deletion_step
    where deletion_id = ${uuid} order by phase, finished_at, subgraph`);
  return rows.map((step) => ({
    ...step,
    counts: Object.entries(step.counts).map(([name, count]) => ({ name, count })),
  }));
}
