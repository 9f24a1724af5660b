/** A page behind a link in a mail. The token is in the link's fragment: nothing happens before a person presses the button. */
export interface Page {
  readonly path: string;
  readonly title: string;
  readonly words: readonly string[];
  readonly button: string;
  /** A password to choose; its name is that of the input's field. */
  readonly passwordField?: { readonly name: string; readonly label: string; readonly hint: string };
  readonly act: Act;
}

export type Act =
  /** Posts the token, and says that it is done; `halfDone` where the answer says that more is needed. */
  | { readonly act: 'send'; readonly url: string; readonly done: string; readonly halfDone?: string }
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
  },
  {
    path: '/reset-password',
    title: 'Choose a new password',
    words: ['All sessions end with it: sign in anew, with the second factor if you have one.'],
    button: 'Set the password',
    passwordField: {
      name: 'newPassword',
      label: 'New password',
      hint: '8 to 128 characters of any kind. A few words that nobody would guess are good.',
    },
    act: { act: 'send', url: `${API}/auth/reset-password`, done: 'The new password is set. Sign in with it.' },
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
