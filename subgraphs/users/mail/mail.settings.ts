import type { Context } from 'kit/context';
import { settingsOf } from '../config.ts';

/** Where mails go: to a server, to the mailbox of development, or nowhere until an operator has said where. */
export type Destination =
  { readonly kind: 'server'; readonly url: string } | { readonly kind: 'mailbox' } | { readonly kind: 'off' };

export function destinationOf(ctx: Context): Destination {
  const { MAIL_URL: url, NODE_ENV } = settingsOf(ctx);
  if (url) return { kind: 'server', url };
  return NODE_ENV === 'production' ? { kind: 'off' } : { kind: 'mailbox' };
}

export const isMailOff = (ctx: Context): boolean => destinationOf(ctx).kind === 'off';

/** A link to a page of the site. The token stands behind the `#`: it reaches no server's log and no referrer. */
export function linkTo(ctx: Context, path: string, token: string): string {
  const link = new URL(path, settingsOf(ctx).PUBLIC_URL);
  link.hash = `token=${token}`;
  return link.href;
}
