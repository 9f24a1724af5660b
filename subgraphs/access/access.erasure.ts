import { sql } from 'kit/database';
import { NOBODY, type Step } from 'kit/rights/rights';

const BATCH = 500;

/** What is left in the projection of somebody who is in no community any more. */
export const forgetMembership: Step = {
  name: 'known memberships',
  run: async (tx, { uuid }) =>
    (await tx.rows(sql`delete from community_member where user_id = ${uuid} returning 1`)).length,
};

/** Posts that are gone stay known as gone, but no longer whose they were. */
export const forgetAuthorship: Step = {
  name: 'known authorships',
  run: async (tx, { uuid, mode }) => {
    const rows = await tx.rows(sql`
      update post_access set author_id = ${NOBODY} where post_id in (
        select post_id from post_access
        where author_id = ${uuid} and ${mode === 'ERASE' ? sql`true` : sql`status = 'DELETED'`} limit ${sql.lit(BATCH)})
      returning 1`);
    return rows.length;
  },
};

/** Blocks and mutes, whichever of the two is gone: with users' own rows nobody tells of their end. */
export const forgetBlocks: Step = {
  name: 'known blocks and mutes',
  run: async (tx, { uuid }) => {
    const blocks = await tx.rows(
      sql`delete from person_block where ${uuid}::uuid in (blocker_id, blocked_id) returning 1`,
    );
    const mutes = await tx.rows(sql`delete from person_mute where ${uuid}::uuid in (muter_id, muted_id) returning 1`);
    return blocks.length + mutes.length;
  },
};
