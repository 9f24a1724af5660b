import type { Context } from 'kit/context';
import { sql } from 'kit/database';
import { newId, toUuid } from 'kit/ids';
import { inScope } from 'kit/scope';
import { testSubgraph } from 'kit/testing/subgraph';
import { systemViewer } from 'kit/viewer';
import { search } from '../subgraph.ts';
import { sections } from './privacy.sections.ts';
import { searchSteps } from './privacy.steps.ts';

const graph = testSubgraph(search);
const userId = newId('user');
const person = { id: userId, uuid: toUuid(userId), mode: 'ERASE' as const };

/** How PostgreSQL does what `work` asks of documents, where it goes through tables only if it must. */
async function planOf(work: (ctx: Context) => Promise<unknown>): Promise<string> {
  const ctx = graph.running().contextFor(systemViewer);
  const text = await inScope(crypto.randomUUID(), async ({ statements }) => {
    await work(ctx);
    return statements.find((statement) => /(?:from|update) document/.test(statement)) ?? '';
  });
  const rows = await ctx.change(async (tx) => {
    await tx.rows(sql`set local enable_seqscan = off`);
    return tx.rows<Record<string, string>>(sql.raw(`explain (generic_plan, costs off) ${text}`));
  });
  return rows.flatMap((row) => Object.values(row)).join('\n');
}

test('a person’s documents are found by who wrote them, for their archive and when they go', async () => {
  for (const { page } of sections) expect(await planOf((ctx) => page(ctx, person, null))).toContain('document_author');
  const step = searchSteps.find(({ name }) => name === 'known authorships of documents');
  expect(await planOf((ctx) => ctx.change(async (tx) => step?.run(tx, person)))).toContain('document_author');
});
