import { createHash } from 'node:crypto';
import type { Change, Context } from 'kit/context';
import { sql } from 'kit/database';
import { newId, toUuid } from 'kit/ids';
import { settingsOf } from '../config.ts';
import { issueToken } from '../token/token.actions.ts';
import { type MailRow, type Recipient, recipientOf } from './mail.recipients.ts';
import { render, type Rendered } from './mail.render.ts';
import { hashOfAddress } from './secret.actions.ts';
import { destinationOf, linkTo } from './mail.settings.ts';
import { isUnsubscribed, unsubscribeUrl } from './mail.subscriptions.ts';
import { type Template, templateOf } from './mail.templates.ts';
import { type Handover, handOver } from './mail.transport.ts';

/** A mail that is ready and claimed: from here on only this process hands it over, and only once. */
interface Claimed {
  readonly url: string;
  readonly to: string;
  readonly rendered: Rendered;
  readonly unsubscribe: string | null;
  readonly addressHash: Buffer;
  readonly tries: number;
}

const ASIDE = Symbol('nothing to hand over');

/**
 * Sends one queued mail. Its row is claimed before the server hears of it, and marked before the text leaves, each committed:
 * a crash before the mark is resumed, a crash after it is not, since the server may have the mail.
 */
export async function sendMail(ctx: Context, effectKey: string): Promise<void> {
  const claimed = await ctx.change((tx) => claim(tx, effectKey));
  if (claimed === ASIDE) return;
  const messageId = `<${createHash('sha256').update(effectKey).digest('hex').slice(0, 32)}@${hostOf(ctx)}>`;
  const headers: Record<string, string> = { 'Auto-Submitted': 'auto-generated' };
  if (claimed.unsubscribe) {
    headers['List-Unsubscribe'] = `<${claimed.unsubscribe}>`;
    headers['List-Unsubscribe-Post'] = 'List-Unsubscribe=One-Click';
  }
  const message = { from: settingsOf(ctx).MAIL_FROM, to: claimed.to, ...claimed.rendered, messageId, headers };
  // Outside of any transaction: a transaction may be run again, a mail may not.
  const handover = await handOver(claimed.url, message, () => beginHandover(ctx, effectKey, claimed.tries));
  await ctx.change((tx) => settle(tx, effectKey, claimed, handover));
}

/** From here on a crash leaves it open whether the server has it. False where the claim has passed to another process. */
async function beginHandover(ctx: Context, effectKey: string, tries: number): Promise<boolean> {
  const begun = await ctx.rows(sql`
    update mail set state = 'handing over', changed_at = now()
    where effect_key = ${effectKey} and state = 'claimed' and tries = ${tries} returning 1`);
  return begun.length > 0;
}

const hostOf = (ctx: Context): string => new URL(settingsOf(ctx).PUBLIC_URL).hostname;

async function claim(tx: Change, effectKey: string): Promise<Claimed | typeof ASIDE> {
  const [mail] = await tx.rows<MailRow>(sql`
    select effect_key as "effectKey", template, user_id as "userId", address, data, tries,
      queued_at < now() - interval '3 days' as "isOld"
    from mail where effect_key = ${effectKey} and state = 'waiting' for update skip locked`);
  const destination = destinationOf(tx);
  if (!mail || destination.kind === 'off') return ASIDE;
  const drop = (outcome: string, hash: Buffer | null = null) => end(tx, effectKey, 'dropped', outcome, hash);
  const recipient = mail.isOld ? null : await recipientOf(tx, mail);
  const template = recipient && templateOf(recipient.template);
  if (!recipient || !template) return drop(mail.isOld ? 'too old' : 'nobody');
  const addressHash = await hashOfAddress(tx, recipient.address);
  const obstacle = await obstacleTo(tx, mail.template, recipient, template, addressHash);
  if (obstacle) return drop(obstacle, addressHash);
  const unsubscribe = await unsubscribeUrl(tx, recipient, template);
  const rendered = await write(tx, mail, recipient, template, unsubscribe);
  if (destination.kind === 'mailbox') {
    await keep(tx, recipient.address, rendered);
    return end(tx, effectKey, 'sent', 'kept in the mailbox', addressHash);
  }
  await tx.rows(sql`
    update mail set state = 'claimed', tries = tries + 1, address_hash = ${addressHash}, changed_at = now()
    where effect_key = ${effectKey}`);
  return { url: destination.url, to: recipient.address, rendered, unsubscribe, addressHash, tries: mail.tries + 1 };
}

async function end(
  tx: Change,
  effectKey: string,
  state: 'sent' | 'dropped' | 'unknown',
  outcome: string,
  hash: Buffer | null,
): Promise<typeof ASIDE> {
  await tx.rows(sql`
    update mail set state = ${state}, outcome = ${outcome}, address_hash = ${hash}, data = '{}', address = null, changed_at = now()
    where effect_key = ${effectKey}`);
  return ASIDE;
}

/** Why a mail is not sent although there is somebody: told in the table, to nobody else. */
async function obstacleTo(
  tx: Change,
  name: string,
  recipient: Recipient,
  template: Template<object>,
  addressHash: Buffer,
): Promise<string | null> {
  // What strangers can cause is counted each by itself: else five who sign up with somebody's address would keep a new password from them.
  const counted = template.isOnRequest ? sql`template = ${name}` : sql`true`;
  const [found] = await tx.rows<{ isSuppressed: boolean; sent: number }>(sql`
    select exists (select 1 from mail_suppression where address_hash = ${addressHash}
        and (retry_at is null or retry_at > now() or not ${template.isSecurity === true})) as "isSuppressed",
      (select count(*) from mail where address_hash = ${addressHash} and state not in ('waiting', 'dropped')
        and changed_at > now() - interval '1 hour' and ${counted}) as sent`);
  if (found?.isSuppressed) return 'suppressed';
  if (await isUnsubscribed(tx, recipient, template)) return 'unsubscribed';
  const isTooMany = Number(found?.sent) >= settingsOf(tx).LIMIT_MAILS_PER_ADDRESS_PER_HOUR;
  return (template.isOnRequest || recipient.isUnconfirmed) && isTooMany ? 'limited' : null;
}

async function write(
  tx: Change,
  { data }: MailRow,
  { userId, username, address }: Recipient,
  template: Template<object>,
  unsubscribe: string | null,
): Promise<Rendered> {
  const { PUBLIC_URL, SITE_NAME } = settingsOf(tx);
  let link = '';
  if (template.token && userId) {
    const { purpose, path, keepsOthers: keepOthers = false } = template.token;
    const lifetimeSeconds =
      'until' in template.token
        ? (template.token.until(data).getTime() - Date.now()) / 1000
        : template.token.lifetimeSeconds;
    const token = { purpose, lifetimeSeconds, userId, data: { ...data, address }, keepOthers };
    link = linkTo(tx, path, await issueToken(tx, token));
  }
  const setting = { site: SITE_NAME, origin: new URL(PUBLIC_URL).origin, username, address, link };
  return render(template.write(setting, data), unsubscribe);
}

/** In development: the last two hundred. */
async function keep(tx: Change, address: string, { subject, text, html }: Rendered): Promise<void> {
  await tx.rows(sql`
    insert into mailbox (id, address, subject, text, html)
    values (${toUuid(newId('mail'))}, ${address}, ${subject}, ${text}, ${html})`);
  await tx.rows(sql`
    delete from mailbox where id in (select id from mailbox order by kept_at desc, id desc offset 200)`);
}

/** How long an address that bounced is left alone: mailboxes that were full, and servers that were set up wrong, come back. */
const BOUNCE_HOURS = 6;

/** An operator's word stands until the operator takes it back. */
async function noteBounce(tx: Change, addressHash: Buffer, reason: string): Promise<void> {
  await tx.rows(sql`
    insert into mail_suppression (address_hash, reason, retry_at)
    values (${addressHash}, ${`bounced ${reason}`}, now() + ${BOUNCE_HOURS} * interval '1 hour')
    on conflict (address_hash) do update set retry_at = excluded.retry_at where mail_suppression.retry_at is not null`);
}

/** What is taken again gets all mails again. */
const forgetBounce = (tx: Change, addressHash: Buffer) =>
  tx.rows(sql`delete from mail_suppression where address_hash = ${addressHash} and retry_at is not null`);

/** Waits 1, 2, 4 … minutes, at most six hours, for as long as a mail is of use. */
const pauseMinutes = (tries: number): number => Math.min(360, 2 ** (tries - 1));

async function settle(tx: Change, effectKey: string, claimed: Claimed, { state, reason }: Handover): Promise<void> {
  const [own] = await tx.rows(sql`
    select 1 from mail where effect_key = ${effectKey} and state in ('claimed', 'handing over') and tries = ${claimed.tries}
    for update`);
  if (!own) return;
  if (state === 'later') {
    tx.log.warn({ reason, tries: claimed.tries }, 'the mail server took no mail; it is tried again');
    await tx.rows(sql`
      update mail set state = 'waiting', outcome = ${reason}, changed_at = now(),
        next_try_at = now() + ${pauseMinutes(claimed.tries)} * interval '1 minute'
      where effect_key = ${effectKey}`);
    return;
  }
  if (state === 'bounced') await noteBounce(tx, claimed.addressHash, reason);
  if (state === 'sent') await forgetBounce(tx, claimed.addressHash);
  const outcome = state === 'bounced' || state === 'refused' ? `${state} ${reason}` : reason;
  await end(tx, effectKey, state === 'sent' || state === 'unknown' ? state : 'dropped', outcome, claimed.addressHash);
}
