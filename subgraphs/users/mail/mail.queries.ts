import type { Context } from 'kit/context';
import { sql } from 'kit/database';
import { badInput } from 'kit/errors';
import { type Id, rowMapper } from 'kit/ids';

export interface DevMail {
  id: Id;
  to: string;
  subject: string;
  text: string;
  html: string;
  keptAt: Date;
}

const toMail = rowMapper<DevMail>({ id: 'mail' });

/** What is in the mailbox of development; nothing is kept in it where mails are sent. */
export async function devMailbox(ctx: Context, { first }: { readonly first: number }): Promise<DevMail[]> {
  if (first < 1 || first > 200) badInput('first', 'A page is 1 to 200.', 'PAGE_SIZE_OUT_OF_RANGE');
  const rows = await ctx.rows<DevMail>(sql`
    select id, address as "to", subject, text, html, kept_at as "keptAt" from mailbox order by kept_at desc, id desc limit ${first}`);
  return rows.map(toMail);
}
