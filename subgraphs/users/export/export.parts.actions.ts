import type { Change, Context } from 'kit/context';
import { sql } from 'kit/database';
import { type Id, toUuid } from 'kit/ids';
import type { Counts, GatheredPart } from 'kit/rights/rights';
import { assembleExports } from './export.jobs.ts';

/** Keeps a part until all are there. The same part twice is one; of an archive that is no more, none. */
export async function keepPart(ctx: Context, subgraph: string, part: GatheredPart): Promise<void> {
  const { requestId, number, file, body } = part;
  await ctx.change(async (tx) => {
    await tx.rows(sql`
      insert into data_export_part (export_id, subgraph, number, file, body)
      select id, ${subgraph}, ${number}, ${file}, ${body} from data_export
      where id = ${toUuid(requestId)} and status = 'GATHERING'
      on conflict do nothing`);
    // A part that came late, by a replay: the subgraph has said before how many there are.
    const [late] = await tx.rows(sql`
      select 1 from data_export_source
      where export_id = ${toUuid(requestId)} and subgraph = ${subgraph} and parts is not null`);
    if (late) await wakeAssembly(tx);
  });
}

/** Notes that a subgraph has sent all its parts, and how many there are of each file. */
export async function keepSource(
  ctx: Context,
  subgraph: string,
  { requestId, parts, counts }: { readonly requestId: Id; readonly parts: number; readonly counts: Counts },
): Promise<void> {
  await ctx.change(async (tx) => {
    await tx.rows(sql`
      update data_export_source set parts = ${parts}, counts = ${JSON.stringify(counts)}
      where export_id = ${toUuid(requestId)} and subgraph = ${subgraph}`);
    await wakeAssembly(tx);
  });
}

// Without a key: a job that waits already may have been taken, and have looked, before this transaction commits.
const wakeAssembly = (tx: Change): Promise<void> => tx.enqueue(assembleExports, {});
