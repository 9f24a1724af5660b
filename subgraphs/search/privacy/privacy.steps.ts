import type { Change } from 'kit/context';
import { sql } from 'kit/database';
import type { Step } from 'kit/rights/rights';
import { settleIndex } from '../search/search.actions.ts';

const BATCH = 200;

/** Takes words out of the vocabulary that no document has any more. Answers how many were looked at. */
export async function forgetWords(tx: Change): Promise<number> {
  const suspects = await tx.rows<{ word: string }>(sql`
    delete from forgotten_word where word in (
      select word from forgotten_word order by word limit ${sql.lit(BATCH)} for update skip locked)
    returning word`);
  if (suspects.length === 0) return 0;
  const words = suspects.map(({ word }) => word).sort();
  const gone = await tx.rows<{ word: string }>(sql`
    delete from term t where t.word = any(${words}::text[]) and not exists (
      select 1 from document d
      where d.is_visible and d.words @@ to_tsquery('simple', quote_literal(t.word)))
    returning t.word`);
  // Parts lead to words: those of a word that is gone lead nowhere.
  await tx.rows(sql`delete from term_part where word = any(${gone.map(({ word }) => word)}::text[])`);
  return suspects.length;
}

const deletedFrom = async (tx: Change, statement: ReturnType<typeof sql>): Promise<number> =>
  (await tx.rows(statement)).length;

/** Only its own index is far away; what it does not hear of before its row is gone would stay there. */
export const sendChanges: Step = {
  name: 'changes sent to the index',
  run: (tx) => settleIndex(tx),
};

export const searchSteps: readonly Step[] = [
  { name: 'words nobody else has used', run: forgetWords },
  {
    name: 'known follows',
    run: (tx, { uuid }) =>
      deletedFrom(tx, sql`delete from follow where ${uuid}::uuid in (follower_id, followed_id) returning 1`),
  },
  {
    name: 'profile in the index',
    run: (tx, { uuid }) => deletedFrom(tx, sql`delete from document where id = ${uuid} and kind = 'USER' returning 1`),
  },
  {
    name: 'known authorships of documents',
    run: (tx, { uuid }) =>
      deletedFrom(
        tx,
        sql`update document set author_id = null where id in (
          select id from document where author_id = ${uuid} and not is_visible limit 500) returning 1`,
      ),
  },
];
