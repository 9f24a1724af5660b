import { sql } from 'kit/database';
import type { Step } from 'kit/rights/rights';
import { forgetInAudit } from '../audit/audit.actions.ts';

/** The log keeps its entries, and nothing leads from them to the person any more. In the sweep: all their acts have arrived. */
export const forgetKey: Step = {
  name: 'key to the audit log',
  run: async (tx, { id, uuid }) => {
    const [known] = await tx.rows(sql`select 1 from audit_person where user_id = ${uuid}`);
    await forgetInAudit(tx, id);
    return known ? 1 : 0;
  },
};
