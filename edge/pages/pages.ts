/** A page behind a link in a mail. The token is in the link's fragment: nothing happens before a person presses the button. */
export interface Page {
  readonly path: string;
  readonly title: string;
  readonly words: readonly string[];
  readonly button: string;
  readonly field?: Field;
  readonly act: Act;
  /** Where another link is asked for, once this one is good for nothing. */
  readonly again?: { readonly path: string; readonly words: string };
}

/** What is typed in; its name is that of the input's field, and what an error calls it too. */
export interface Field {
  readonly name: string;
  readonly type: 'password' | 'text';
  readonly autocomplete: 'new-password' | 'username';
  readonly label: string;
  readonly hint: string;
}

export type Act =
  /** Posts the token, and says that it is done; `halfDone` where the answer says that more is needed. */
  | { readonly act: 'send'; readonly url: string; readonly done: string; readonly halfDone?: string }
  /** Posts what was typed in, and nothing of the address: the page is open to everybody, as what it asks for is. */
  | { readonly act: 'ask'; readonly url: string; readonly done: string }
  /** Posts the token, and hands over the file that comes. */
  | { readonly act: 'download'; readonly url: string; readonly done: string }
  /** Shows the token, to be typed in elsewhere; it is sent nowhere. */
  | { readonly act: 'show'; readonly done: string };

const API = '/api/v1';

export const pages: readonly Page[] = [
  {
    path: '/verify-email',
    title: 'Confirm your address',
    words: ['With this the address is yours, and you can write, comment and vote.'],
    button: 'Confirm the address',
    act: { act: 'send', url: `${API}/auth/verify-email`, done: 'Your address is confirmed. You can sign in.' },
    again: { path: '/resend-verification', words: 'Ask for a new link' },
  },
  {
    path: '/resend-verification',
    title: 'Ask for a new link to confirm your address',
    words: ['The link comes by mail, to the address that you signed up with. It works for three days.'],
    button: 'Mail me a link',
    field: {
      ...{ name: 'username', type: 'text', autocomplete: 'username' },
      label: 'Username',
      hint: 'The one that you signed up with.',
    },
    act: {
      act: 'ask',
      url: `${API}/auth/resend-verification`,
      done: 'If an account of that name waits to be confirmed, a mail with a new link is on its way.',
    },
  },
  {
    path: '/reset-password',
    title: 'Choose a new password',
    words: ['All sessions end with it: sign in anew, with the second factor if you have one.'],
    button: 'Set the password',
    field: {
      ...{ name: 'newPassword', type: 'password', autocomplete: 'new-password' },
      label: 'New password',
      hint: '8 to 128 characters of any kind. A few words that nobody would guess are good.',
    },
    act: { act: 'send', url: `${API}/auth/reset-password`, done: 'The new password is set. Sign in with it.' },
    again: { path: '/forgot-password', words: 'Ask for a new link' },
  },
  {
    path: '/forgot-password',
    title: 'Ask for a new password',
    words: ['A link to choose one comes by mail, to the address of the account. It works once, within an hour.'],
    button: 'Mail me a link',
    field: {
      ...{ name: 'identifier', type: 'text', autocomplete: 'username' },
      label: 'Username or e-mail address',
      hint: 'As you sign in with it.',
    },
    act: {
      act: 'ask',
      url: `${API}/auth/forgot-password`,
      done: 'If there is such an account, a mail with a link is on its way.',
    },
  },
  {
    path: '/confirm-email-change',
    title: 'Confirm the change of your address',
    words: ['The change counts once both links are followed: the one to the old address, and the one to the new.'],
    button: 'Confirm the change',
    act: {
      act: 'send',
      url: `${API}/auth/confirm-email-change`,
      done: 'Your address is changed. Mail goes to the new one from now on.',
      halfDone: 'This address is confirmed. Follow the link that was mailed to the other one too.',
    },
  },
  {
    path: '/confirm-sign-in',
    title: 'Confirm that you are signing in',
    words: [
      'Only if you yourself are signing in at this moment: here is the code to finish it, on whichever device you began.',
      'Nobody else needs it. Whoever asks you for it is trying to get into your account.',
      'If it is not you, close this page and change your password: somebody knows it.',
    ],
    button: 'It is me: show the code',
    act: { act: 'show', done: 'Copy the code to where you are signing in. It is good once, and for 15 minutes.' },
  },
  {
    path: '/data-export',
    title: 'Get your data',
    words: ['The archive holds all that the site knows of you: keep it where only you can read it.'],
    button: 'Download the archive',
    act: { act: 'download', url: '/data-export/archive', done: 'The archive is on your device now.' },
  },
  {
    path: '/cancel-deletion',
    title: 'Keep your account',
    words: ['The account and all that belongs to it stay. Your sessions have ended: sign in anew.'],
    button: 'Keep the account',
    act: { act: 'send', url: `${API}/auth/cancel-deletion`, done: 'Your account stays. Welcome back.' },
  },
];
