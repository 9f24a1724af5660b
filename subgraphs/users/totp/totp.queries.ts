import type { Context } from 'kit/context';
import { sql } from 'kit/database';
import { notFound } from 'kit/errors';
import { toUuid } from 'kit/ids';

export interface SecondFactor {
  readonly isEnabled: boolean;
  readonly enabledAt: Date | null;
  readonly recoveryCodesLeft: number;
}

/** How the viewer's second factor stands. */
export async function secondFactorOfViewer(ctx: Context): Promise<SecondFactor> {
  const userId = ctx.viewer.userId ?? notFound('User', '');
  const [row] = await ctx.rows<SecondFactor>(sql`
    select true as "isEnabled", confirmed_at as "enabledAt",
      (select count(*) from recovery_code r where r.user_id = f.user_id and r.used_at is null) as "recoveryCodesLeft"
    from second_factor f where f.user_id = ${toUuid(userId)} and f.confirmed_at is not null`);
  return row ?? { isEnabled: false, enabledAt: null, recoveryCodesLeft: 0 };
}
