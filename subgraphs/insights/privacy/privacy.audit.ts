import { sql } from 'kit/database';
import { type Id, toUuid } from 'kit/ids';
import type { Section, Step } from 'kit/rights/rights';
import { forgetInAudit } from '../audit/audit.actions.ts';
import { entriesAbout } from '../audit/audit.loaders.ts';

const ROWS = 500;

/** What they have done, and what was done to them. */
export const acts: Section = {
  file: 'insights/audit.json',
  page: async (ctx, { uuid: personUuid }, place) => {
    const rows = await entriesAbout(ctx, { personUuid, after: place, limit: ROWS });
    return { rows, next: rows.length < ROWS ? null : placeOf(rows.at(-1)) };
  },
};

const placeOf = (entry: { readonly id: Id } | undefined): string | null => (entry ? toUuid(entry.id) : null);

/** The log keeps its entries, and nothing leads from them to the person any more. In the sweep: all their acts have arrived. */
export const forgetKey: Step = {
  name: 'key to the audit log',
  run: async (tx, { id, uuid }) => {
    const [known] = await tx.rows(sql`select 1 from audit_person where user_id = ${uuid}`);
    await forgetInAudit(tx, id);
    return known ? 1 : 0;
  },
};
