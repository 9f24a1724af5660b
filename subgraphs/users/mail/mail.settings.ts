import { ConfigError } from 'kit/config';
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

/** Throws where mails would leave a production server with links that lead to the reader's own machine. */
export function checkMailSettings(ctx: Context): void {
  const { MAIL_URL, NODE_ENV, PUBLIC_URL } = settingsOf(ctx);
  const isLocal = ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(PUBLIC_URL).hostname);
  if (MAIL_URL && NODE_ENV === 'production' && isLocal) {
    throw new ConfigError(
      'PUBLIC_URL: links in mails lead there; where MAIL_URL is set it is the site’s public address.',
    );
  }
}

/** A link to a page of the site. The token stands behind the `#`: it reaches no server's log and no referrer. */
export function linkTo(ctx: Context, path: string, token: string): string {
  const link = new URL(path, settingsOf(ctx).PUBLIC_URL);
  link.hash = `token=${token}`;
  return link.href;
}
