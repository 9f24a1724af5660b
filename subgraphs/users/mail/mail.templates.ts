/** What a mail is written from: its data, and what the person and the settings add when it is sent. */
export interface Setting {
  readonly site: string;
  readonly origin: string;
  /** The person's username; empty where the mail is to an address alone. */
  readonly username: string;
  readonly address: string;
  /** Where the token leads; empty without one. */
  readonly link: string;
}

/** A paragraph, or a link with its words. */
export type Block = string | { readonly label: string; readonly url: string };

export interface Letter {
  readonly subject: string;
  readonly blocks: readonly Block[];
}

export interface Template<Data extends object> {
  readonly write: (setting: Setting, data: Data) => Letter;
  /**
   * Its link carries a token of this purpose, made when the mail is sent and good for so long, or until then; earlier ones end
   * with it, unless each is about something of its own.
   */
  readonly token?: { readonly purpose: string; readonly path: string; readonly keepsOthers?: boolean } & (
    { readonly lifetimeSeconds: number } | { readonly until: (data: Data) => Date }
  );
  /** What somebody cannot get in without, or must hear of: tried also where their address has bounced a while ago. */
  readonly isSecurity?: boolean;
  /** Strangers can have it sent to an address: limited per address, as is all that goes to one that nobody has confirmed. */
  readonly isOnRequest?: boolean;
  /** People may say that they want none of these. */
  readonly isUnsubscribable?: boolean;
}

const HOUR = 3600;
const DAY = 24 * HOUR;
const template = <Data extends object = Record<string, never>>(definition: Template<Data>): Template<Data> =>
  definition;
const NOT_YOU = 'If that was not you, change your password and end all sessions.';

export const templates = {
  /** With `username` in place of a user id: to whoever of that name has not confirmed their address yet. */
  verification: template<{ username?: string }>({
    isSecurity: true,
    token: { purpose: 'verify-email', lifetimeSeconds: 3 * DAY, path: '/verify-email' },
    isOnRequest: true,
    write: ({ site, username, link }) => ({
      subject: `Confirm your address for ${site}`,
      blocks: [
        `Somebody, you we hope, signed up at ${site} as ${username} with this address. Confirm it within three days.`,
        { label: 'Confirm the address', url: link },
        'If it was not you, do nothing: without it the account goes away by itself.',
      ],
    }),
  }),
  /** In place of a verification, where the address has an account. */
  accountExists: template({
    isOnRequest: true,
    write: ({ site, username, origin }) => ({
      subject: `You have an account at ${site}`,
      blocks: [
        `Somebody, perhaps you, wanted to sign up at ${site} as ${username} with this address, which has an account already. Nothing was changed.`,
        'Sign in to the account you have, or ask for a new password there.',
        { label: site, url: origin },
      ],
    }),
  }),
  welcome: template({
    write: ({ site, username, origin }) => ({
      subject: `Welcome to ${site}`,
      blocks: [
        `Your address is confirmed, ${username}: you can write, comment and vote.`,
        { label: site, url: origin },
      ],
    }),
  }),
  reset: template<{ identifier: string }>({
    isSecurity: true,
    token: { purpose: 'reset-password', lifetimeSeconds: HOUR, path: '/reset-password' },
    isOnRequest: true,
    write: ({ site, username, link }) => ({
      subject: `A new password for ${site}`,
      blocks: [
        `A new password was asked for the account ${username}. The link works once, within an hour.`,
        { label: 'Choose a password', url: link },
        'If it was not you, do nothing: the old password stays.',
      ],
    }),
  }),
  passwordChanged: template({
    isSecurity: true,
    write: ({ site, username }) => ({
      subject: `Your password for ${site} was changed`,
      blocks: [
        `The password of ${username} was changed; other sessions have ended.`,
        'If that was not you, ask for a new password at once.',
      ],
    }),
  }),
  emailChangeNew: template<{ changeId: string; newEmail: string }>({
    isSecurity: true,
    token: { purpose: 'change-email-new', lifetimeSeconds: DAY, path: '/confirm-email-change' },
    isOnRequest: true,
    write: ({ site, username, link }) => ({
      subject: `Confirm your new address for ${site}`,
      blocks: [
        `${username} wants to use this address at ${site}. It counts once both the old and the new address are confirmed, within a day.`,
        { label: 'Confirm the new address', url: link },
      ],
    }),
  }),
  emailChangeOld: template<{ changeId: string; newEmail: string }>({
    isSecurity: true,
    token: { purpose: 'change-email-old', lifetimeSeconds: DAY, path: '/confirm-email-change' },
    isOnRequest: true,
    write: ({ site, username, link }, { newEmail }) => ({
      subject: `Change of your address for ${site}`,
      blocks: [
        `The account ${username} is to use ${newEmail} from now on. It counts once both addresses are confirmed, within a day.`,
        { label: 'Allow the change', url: link },
        NOT_YOU,
      ],
    }),
  }),
  /** In place of emailChangeNew, where the address has an account. */
  emailTaken: template({
    isOnRequest: true,
    write: ({ site, username, address }) => ({
      subject: `An address that has an account at ${site}`,
      blocks: [
        `${username} wanted to use ${address}, which belongs to another account at ${site}. Nothing was changed.`,
      ],
    }),
  }),
  emailChanged: template<{ newEmail: string }>({
    isSecurity: true,
    write: ({ site, username }, { newEmail }) => ({
      subject: `Your address for ${site} was changed`,
      blocks: [`Mail for ${username} goes to ${newEmail} from now on.`, NOT_YOU],
    }),
  }),
  newLogin: template<{ at: string; userAgent: string; place: string; reasons: readonly string[] }>({
    isSecurity: true,
    write: ({ site, username }, { at, userAgent, place, reasons }) => ({
      subject: `A new sign-in to ${site}`,
      blocks: [
        `${username} was signed in at ${at}${place ? ` from ${place}` : ''} with ${userAgent || 'an unknown program'}.`,
        ...(reasons.length > 0 ? [`What was unusual: ${reasons.join(', ')}.`] : []),
        NOT_YOU,
      ],
    }),
  }),
  stepUp: template<{ challengeId: string; userAgent: string; place: string }>({
    isSecurity: true,
    token: { purpose: 'step-up', lifetimeSeconds: HOUR / 4, path: '/confirm-sign-in', keepsOthers: true },
    write: ({ site, username, link }, { userAgent, place }) => ({
      subject: `Is that you signing in to ${site}?`,
      blocks: [
        `Somebody with the right password signs in as ${username}${place ? ` from ${place}` : ''} with ${userAgent || 'an unknown program'}, which is unusual. The link works once, within 15 minutes.`,
        { label: 'Yes, let me in', url: link },
        'If it was not you, change your password: somebody knows it.',
      ],
    }),
  }),
  sessionReuse: template<{ at: string; userAgent: string }>({
    isSecurity: true,
    write: ({ site, username }, { at, userAgent }) => ({
      subject: `A session at ${site} was ended for safety`,
      blocks: [
        `At ${at} a token of ${username} (${userAgent || 'an unknown program'}) was used a second time, which happens when somebody has a copy. The session was ended for both; sign in again.`,
        NOT_YOU,
      ],
    }),
  }),
  secondFactorChanged: template<{ isOn: boolean }>({
    isSecurity: true,
    write: ({ site, username }, { isOn }) => ({
      subject: `The second factor at ${site} is ${isOn ? 'on' : 'off'}`,
      blocks: [`Signing in as ${username} ${isOn ? 'now needs a code too' : 'needs no code any more'}.`, NOT_YOU],
    }),
  }),
  secondFactorTries: template<{ at: string; userAgent: string; place: string }>({
    isSecurity: true,
    write: ({ site, username }, { at, userAgent, place }) => ({
      subject: `Too many wrong codes at a sign-in to ${site}`,
      blocks: [
        `At ${at} somebody who has the password of ${username} had used up the tries at the proof that is asked for after it${place ? `, from ${place}` : ''}, with ${userAgent || 'an unknown program'}. They were not let in.`,
        'If it was you, wait a while, or use a recovery code.',
        'If it was not you, change your password: somebody knows it.',
      ],
    }),
  }),
  exportReady: template<{ exportId: string }>({
    token: { purpose: 'data-export', lifetimeSeconds: 7 * DAY, path: '/data-export' },
    write: ({ site, link }) => ({
      subject: `Your data from ${site}`,
      blocks: ['The archive you asked for is there; the link works for seven days.', { label: 'Get it', url: link }],
    }),
  }),
  deletionScheduled: template<{ at: string; mode: string }>({
    isSecurity: true,
    token: { purpose: 'cancel-deletion', until: ({ at }) => new Date(at), path: '/cancel-deletion' },
    write: ({ site, username, link }, { at, mode }) => ({
      subject: `Your account at ${site} will be deleted`,
      blocks: [
        `${username} will be deleted at ${at} (${mode === 'ERASE' ? 'with everything written' : 'what was written stays, without a name'}).`,
        { label: 'Keep the account', url: link },
      ],
    }),
  }),
  deletionDone: template<{ receipt: readonly string[] }>({
    // Whether the address was ever confirmed is not known any more.
    isOnRequest: true,
    write: ({ site }, { receipt }) => ({
      subject: `Your account at ${site} is deleted`,
      blocks: ['What was done:', ...receipt],
    }),
  }),
  apiKeyReminder: template<{ name: string; ageDays: number }>({
    isUnsubscribable: true,
    write: ({ site, username }, { name, ageDays }) => ({
      subject: `An API key of yours at ${site} is old`,
      blocks: [`The key “${name}” of ${username} is ${ageDays} days old. Replace it by another, or revoke it.`],
    }),
  }),
};

export type Templates = typeof templates;
export type TemplateName = keyof Templates;
export type DataOf<Name extends TemplateName> = Templates[Name] extends Template<infer Data> ? Data : never;

export const templateOf = (name: string): Template<object> | null =>
  Object.hasOwn(templates, name) ? (templates[name as TemplateName] as unknown as Template<object>) : null;
