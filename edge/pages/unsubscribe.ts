import type { HookTools, Route, RouteRequest, RouteResponse } from 'gateway/hooks';
import { refusal } from 'gateway/errors';
import { formResponse } from './html.ts';

const UNSUBSCRIBE = `mutation Unsubscribe($input: UnsubscribeFromMailInput!) {
  unsubscribeFromMail(input: $input) { userErrors { message } }
}`;
const TITLE = 'No more mails of this kind';
/** The longest token there is, and room to grow. */
const MOST_LETTERS = 300;
/** `List-Unsubscribe=One-Click`, in either form that a mail program may send it. */
const BODY_LIMIT_BYTES = 4096;

export interface UnsubscribeSettings {
  readonly SITE_NAME: string;
  /** Whether there is a page for people; one click of a mail program is always there. */
  readonly EDGE_PAGES: boolean;
  readonly LIMIT_UNSUBSCRIBES_PER_MINUTE: number;
}

/**
 * The end of mails of one kind. A mail program posts to it by itself (RFC 8058: no cookie, no redirect, the token in the
 * address); a person who opens the link gets a page with a button, since scanners of mails open every link.
 */
export function unsubscribeRoute(send: HookTools['send'], settings: UnsubscribeSettings): Route {
  const { SITE_NAME: site, EDGE_PAGES: hasPage, LIMIT_UNSUBSCRIBES_PER_MINUTE: requests } = settings;
  const post = async (request: RouteRequest): Promise<RouteResponse> => {
    await request.bytes();
    const token = tokenIn(request);
    const problem = token === null ? 'That link is not whole; copy it anew from the mail.' : await ended(send, token);
    if (problem !== null && !wantsPage(request)) throw refusal('BAD_USER_INPUT', problem, { status: 422 });
    const words = [
      problem ?? 'You get no more mails of this kind. What concerns the safety of your account still comes.',
    ];
    return wantsPage(request)
      ? formResponse({ status: problem === null ? 200 : 422, title: TITLE, words }, site)
      : {
          status: 200,
          headers: { 'content-type': 'text/plain', 'cache-control': 'no-store' },
          body: 'Unsubscribed.\n',
        };
  };
  const words = ['What concerns the safety of your account is mailed all the same.'];
  const page = formResponse({ status: 200, title: TITLE, words, button: 'No more of these' }, site);
  const limit = { name: 'unsubscribing', requests, windowSeconds: 60 };
  return {
    POST: post,
    bodyLimitBytes: BODY_LIMIT_BYTES,
    limit,
    ...(hasPage ? { GET: () => Promise.resolve(page) } : {}),
  };
}

function tokenIn({ search }: RouteRequest): string | null {
  const tokens = new URLSearchParams(search).getAll('token');
  const [token] = tokens;
  return tokens.length === 1 && token && token.length <= MOST_LETTERS ? token : null;
}

const wantsPage = ({ headers }: RouteRequest): boolean => String(headers['accept'] ?? '').includes('text/html');

/** Null where it is done, else why it is not. */
async function ended(send: HookTools['send'], token: string): Promise<string | null> {
  const answer = await send('users', { query: UNSUBSCRIBE, variables: { input: { token } } }).catch(() => null);
  const payload = answer?.data?.['unsubscribeFromMail'] as
    { readonly userErrors: readonly { readonly message: string }[] } | null | undefined;
  if (!payload) throw refusal('RETRY_LATER', 'That cannot be done just now; try again in a moment.', { status: 503 });
  return payload.userErrors[0]?.message ?? null;
}
