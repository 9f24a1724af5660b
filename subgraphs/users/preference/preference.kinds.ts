/** What people are told of. */
export const KINDS = [
  'COMMENT',
  'REPLY',
  'MENTION',
  'FOLLOW',
  'VOTE_MILESTONE',
  'COMMUNITY',
  'NEW_LOGIN',
  'SECURITY',
] as const;
export type NotificationKind = (typeof KINDS)[number];

/** How they are told. */
export const CHANNELS = ['IN_APP', 'EMAIL', 'WEB_PUSH'] as const;
export type NotificationChannel = (typeof CHANNELS)[number];

export interface Preference {
  readonly kind: NotificationKind;
  readonly channel: NotificationChannel;
  readonly isEnabled: boolean;
  /** Whether it cannot be changed. */
  readonly isFixed: boolean;
}

/** Whoever takes an account over would turn these off first. */
const SECURITY: readonly NotificationKind[] = ['NEW_LOGIN', 'SECURITY'];
/** What somebody said to a person is worth a mail; the rest waits until they look. */
const PERSONAL: readonly NotificationKind[] = ['REPLY', 'MENTION'];

export const isFixed = (kind: NotificationKind): boolean => SECURITY.includes(kind);

const isEnabledByItself = (kind: NotificationKind, channel: NotificationChannel): boolean =>
  channel === 'IN_APP' || isFixed(kind) || PERSONAL.includes(kind);

export type Chosen = Pick<Preference, 'kind' | 'channel' | 'isEnabled'>;

/** All preferences, given those that a person has set. */
export function preferencesWith(chosen: readonly Chosen[]): Preference[] {
  const byPlace = new Map(chosen.map((one) => [`${one.kind} ${one.channel}`, one.isEnabled]));
  return KINDS.flatMap((kind) =>
    CHANNELS.map((channel) => ({
      kind,
      channel,
      isFixed: isFixed(kind),
      isEnabled: isFixed(kind) || (byPlace.get(`${kind} ${channel}`) ?? isEnabledByItself(kind, channel)),
    })),
  );
}
