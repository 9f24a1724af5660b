import type { Change, Context } from 'kit/context';
import { sql } from 'kit/database';
import { notFound } from 'kit/errors';
import { type Id, toUuid } from 'kit/ids';
import { checkInput } from 'kit/input';
import { preferencesSaved } from './preference.events.ts';
import { type Chosen, isFixed, KINDS, type NotificationKind, type Preference } from './preference.kinds.ts';
import { preferencesOf } from './preference.loaders.ts';

const MAX_CHANGES = 50;

export interface UpdatePreferencesInput {
  readonly changes: readonly Chosen[];
}

/** What is not named stays. */
export async function updatePreferences(ctx: Context, { changes }: UpdatePreferencesInput): Promise<Preference[]> {
  const userId = ctx.viewer.userId ?? notFound('User', '');
  checkInput((check) => {
    check.that('changes', changes.length <= MAX_CHANGES, `changes are at most ${MAX_CHANGES}.`);
    const isRefused = changes.some(({ kind, isEnabled }) => isFixed(kind) && !isEnabled);
    check.that('changes', !isRefused, 'What concerns the safety of an account is always told.');
  });
  await ctx.change((tx) => setPreferences(tx, userId, changes));
  preferencesOf.clear(ctx, userId);
  return preferencesOf(ctx, userId);
}

/** The kind whose mails are written from this template, which is named after it; null for other mails. */
export const kindOfMail = (template: string): NotificationKind | null =>
  KINDS.find((kind) => kind.toLowerCase().replace(/_./g, ([, letter]) => (letter ?? '').toUpperCase()) === template) ??
  null;

/** Whether a person is told of this kind by mail. */
export const wantsMailsOf = async (ctx: Context, userId: Id, kind: NotificationKind): Promise<boolean> =>
  (await preferencesOf(ctx, userId)).some((one) => one.kind === kind && one.channel === 'EMAIL' && one.isEnabled);

/** The link in a mail of this kind has been followed: it was the last. What is fixed stays. */
export const endMailsOf = (tx: Change, userId: Id, kind: NotificationKind): Promise<void> =>
  setPreferences(tx, userId, [{ kind, channel: 'EMAIL', isEnabled: false }]);

/** Of two who change one thing at once the later wins; of one thing named twice the last word counts. */
export async function setPreferences(tx: Change, userId: Id, changes: readonly Chosen[]): Promise<void> {
  const [person] = await tx.rows(sql`select 1 from "user" where id = ${toUuid(userId)} for no key update`);
  const wanted = new Map(changes.map((one) => [`${one.kind} ${one.channel}`, one]));
  const before = new Map((await preferencesOf(tx, userId)).map((one) => [`${one.kind} ${one.channel}`, one]));
  const changed = [...wanted].filter(
    ([place, { kind, isEnabled }]) => !isFixed(kind) && before.get(place)?.isEnabled !== isEnabled,
  );
  if (!person || changed.length === 0) return;
  const rows = changed.map(([, one]) => one);
  await tx.rows(sql`
    insert into notification_preference (user_id, kind, channel, is_enabled)
    select ${toUuid(userId)}::uuid, c.kind, c.channel, c.is_enabled from unnest(${rows.map((row) => row.kind)}::text[],
      ${rows.map((row) => row.channel)}::text[], ${rows.map((row) => row.isEnabled)}::boolean[]) c(kind, channel, is_enabled)
    on conflict (user_id, kind, channel) do update set is_enabled = excluded.is_enabled`);
  preferencesOf.clear(tx, userId);
  const enabled = (await preferencesOf(tx, userId)).filter((one) => one.isEnabled);
  tx.emit(preferencesSaved, { userId, enabled: enabled.map(({ kind, channel }) => `${kind}:${channel}`) });
}
