import type { HookTools, RouteHandler, RouteRequest } from 'gateway/hooks';
import { refusal } from 'gateway/errors';
import { escaped } from './escaped.ts';

interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly keptAt: string;
}

const MAILBOX = 'query DevMailbox { devMailbox(first: 100) { to subject text html keptAt } }';
const STYLE = 'body{font:1rem/1.5 sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem}pre{white-space:pre-wrap}';
/** No script, no picture, nothing from elsewhere, whatever a mail holds. */
const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/** Names of this very machine: any other one has been made to point here (DNS rebinding). */
const HERE: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

/** The mails of development, which go nowhere: links in them work, and nothing else does. */
export const devMailPage =
  (send: HookTools['send']): RouteHandler =>
  async (request) => {
    if (!isHere(request)) throw refusal('NOT_FOUND', 'The mailbox is shown at localhost only.', { status: 404 });
    const answer = await send('users', { query: MAILBOX }).catch(() => null);
    if (!answer?.data) throw refusal('RETRY_LATER', 'The mailbox cannot be read just now.', { status: 503 });
    return {
      status: 200,
      headers: {
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-store',
        'content-security-policy': POLICY,
      },
      body: pageOf(answer.data['devMailbox'] as readonly Mail[]),
    };
  };

function isHere({ headers }: RouteRequest): boolean {
  const host = String(headers['host'] ?? '');
  return HERE.has(host.replace(/:\d+$/, '').toLowerCase());
}

function pageOf(mails: readonly Mail[]): string {
  const shown = mails.length === 0 ? '<p>No mail has been sent yet.</p>' : mails.map(mailOf).join('\n');
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Mailbox</title><style>${STYLE}</style></head>
<body><h1>Mailbox</h1><p>What would have been mailed, newest first. Nothing leaves this machine while MAIL_URL is not set.</p>
${shown}
</body></html>`;
}

const mailOf = ({ to, subject, text, html, keptAt }: Mail): string => `<article>
<h2>${escaped(subject)}</h2>
<p>To ${escaped(to)}, ${escaped(keptAt)}</p>
<pre>${withLinks(text)}</pre>
<details><summary>HTML</summary><pre>${escaped(html)}</pre></details>
</article>`;

const LINK = /https?:\/\/[^\s<>"']+/g;

/** The text escaped, its web addresses as links. */
function withLinks(text: string): string {
  let shown = '';
  let end = 0;
  for (const { 0: address, index } of text.matchAll(LINK)) {
    shown += `${escaped(text.slice(end, index))}<a href="${escaped(address)}" rel="noreferrer">${escaped(address)}</a>`;
    end = index + address.length;
  }
  return shown + escaped(text.slice(end));
}
