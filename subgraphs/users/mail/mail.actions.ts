import type { Change } from 'kit/context';
import { sql } from 'kit/database';
import { type Id, toUuid } from 'kit/ids';
import { mailSend } from './mail.jobs.ts';
import type { DataOf, TemplateName } from './mail.templates.ts';

export interface NewMail<Name extends TemplateName> {
  readonly template: Name;
  /** Whose mail it is: it goes to their address as it is when it is sent, and a token is theirs. */
  readonly userId?: Id;
  /** Where it goes instead: the new address of somebody who changes theirs, the last one of somebody who is gone. */
  readonly address?: string;
  /** What it is written from. Kept until it is sent, so nothing secret. */
  readonly data: DataOf<Name>;
  /** One mail for one effect, however often it is asked for: `password-changed:<id>`. */
  readonly effectKey: string;
}

/** Queues a mail in the caller's transaction. It is sent once or, where that cannot be known, not again. */
export async function queueMail<Name extends TemplateName>(tx: Change, mail: NewMail<Name>): Promise<void> {
  const { template, userId, address, data, effectKey } = mail;
  const added = await tx.rows(sql`
    insert into mail (effect_key, template, user_id, address, data, next_try_at)
    values (${effectKey}, ${template}, ${userId ? toUuid(userId) : null}, ${address ?? null}, ${JSON.stringify(data)},
      now() + interval '1 minute')
    on conflict do nothing returning 1`);
  if (added.length > 0) await tx.enqueue(mailSend, { effectKey }, { singletonKey: effectKey });
}
