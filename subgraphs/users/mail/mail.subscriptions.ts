import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Context } from 'kit/context';
import { sql } from 'kit/database';
import { badInput } from 'kit/errors';
import { type Id, kindOf, toUuid } from 'kit/ids';
import { settingsOf } from '../config.ts';
import { endMailsOf, kindOfMail, wantsMailsOf } from '../preference/preference.actions.ts';
import type { Recipient } from './mail.recipients.ts';
import { mailSecret } from './secret.actions.ts';
import { type Template, templateOf } from './mail.templates.ts';

async function signatureOf(ctx: Context, userId: Id, template: string): Promise<Buffer> {
  return createHmac('sha256', await mailSecret(ctx))
    .update(`unsubscribe ${userId} ${template}`)
    .digest();
}

/** `<person>.<template>.<signature>`: good for ever, and for nothing but wanting no more of these. */
export async function unsubscribeToken(ctx: Context, userId: Id, template: string): Promise<string> {
  return `${userId}.${template}.${(await signatureOf(ctx, userId, template)).toString('base64url')}`;
}

/** Mail programs post to it without a person (RFC 8058), so the token is in the query; null for mails that everybody gets. */
export async function unsubscribeUrl(
  ctx: Context,
  { userId, template: name }: Recipient,
  template: Template<object>,
): Promise<string | null> {
  if (!template.isUnsubscribable || !userId) return null;
  const url = new URL('/mail/unsubscribe', settingsOf(ctx).PUBLIC_URL);
  url.searchParams.set('token', await unsubscribeToken(ctx, userId, name));
  return url.href;
}

export async function isUnsubscribed(
  ctx: Context,
  { userId, template: name }: Recipient,
  template: Template<object>,
): Promise<boolean> {
  if (!template.isUnsubscribable || !userId) return false;
  const kind = kindOfMail(name);
  if (kind !== null) return !(await wantsMailsOf(ctx, userId, kind));
  const rows = await ctx.rows(
    sql`select 1 from mail_unsubscribed where user_id = ${toUuid(userId)} and template = ${name}`,
  );
  return rows.length > 0;
}

/** No more mails of one kind to one person, by the token in such a mail. Where it is a preference, it is theirs to change back. */
export async function unsubscribeFromMail(ctx: Context, { token }: { readonly token: string }): Promise<void> {
  const [userId = '', template = '', signature = ''] = token.slice(0, 300).split('.');
  const given = Buffer.from(signature, 'base64url');
  const expected = await signatureOf(ctx, userId, template);
  const isGenuine = given.length === expected.length && timingSafeEqual(given, expected);
  if (!isGenuine || kindOf(userId) !== 'user' || !templateOf(template)?.isUnsubscribable) {
    badInput('token', 'That link is not whole; copy it anew from the mail.');
  }
  await ctx.change(async (tx) => {
    const kind = kindOfMail(template);
    if (kind !== null) return endMailsOf(tx, userId, kind);
    await tx.rows(sql`
      insert into mail_unsubscribed (user_id, template) select id, ${template} from "user" where id = ${toUuid(userId)}
      on conflict do nothing`);
  });
}
