import type { Context } from 'kit/context';
import { type RawBuilder, sql } from 'kit/database';
import { fromUuid } from 'kit/ids';
import { pageOf, type Person, type Section } from 'kit/rights/rights';

const ROWS = 500;

type Written = Record<string, unknown>;
interface Keyed {
  readonly id: string;
}

/** A file made of rows that have a key: `select` names it `id`; other columns leave as they come. */
function section(
  file: string,
  select: (person: Person) => RawBuilder<unknown>,
  write: (row: Written & Keyed) => Written = ({ id: _, ...row }) => row,
): Section {
  return {
    file: `users/${file}.json`,
    page: async (ctx: Context, person, after) => {
      const rows = await ctx.rows<Written & Keyed>(sql`
        select * from (${select(person)}) r where ${after === null ? sql`true` : sql`r.id > ${after}`}
        order by r.id limit ${sql.lit(ROWS)}`);
      return pageOf(rows, ROWS, write);
    },
  };
}

const withId =
  (kind: string) =>
  (row: Written & Keyed): Written => ({ ...row, id: fromUuid(kind, row.id) });
const onlyUser = ({ id, ...row }: Written & Keyed): Written => ({ userId: fromUuid('user', id), ...row });

/** What is stored of a person, without what is only there to check secrets against. */
export const sections: readonly Section[] = [
  section(
    'profile',
    ({ uuid }) => sql`
      select id, username, name, bio, email, email_verified_at as "emailVerifiedAt", avatar_id as "avatarId", role,
        followers_count as "followersCount", following_count as "followingCount", is_presence_hidden as "isPresenceHidden",
        joined_at as "joinedAt", updated_at as "updatedAt" from "user" where id = ${uuid}`,
    withId('user'),
  ),
  section(
    'following',
    ({ uuid }) => sql`select followed_id as id, followed_at as "followedAt" from follow where follower_id = ${uuid}`,
    onlyUser,
  ),
  section(
    'followers',
    ({ uuid }) => sql`select follower_id as id, followed_at as "followedAt" from follow where followed_id = ${uuid}`,
    onlyUser,
  ),
  section(
    'blocks',
    ({ uuid }) => sql`select blocked_id as id, blocked_at as "blockedAt" from block where blocker_id = ${uuid}`,
    onlyUser,
  ),
  section(
    'mutes',
    ({ uuid }) => sql`select muted_id as id, muted_at as "mutedAt" from mute where muter_id = ${uuid}`,
    onlyUser,
  ),
  section(
    'sessions',
    ({ uuid }) => sql`
      select id, device, user_agent as "userAgent", address, place, started_at as "startedAt",
        last_used_at as "lastUsedAt", expires_at as "expiresAt", ended_at as "endedAt", end_reason as "endReason"
      from session where user_id = ${uuid}`,
    withId('session'),
  ),
  section(
    'sign-ins',
    ({ uuid }) => sql`
      select id, at, outcome, score, reasons, device, user_agent as "userAgent", address, network, place
      from sign_in where user_id = ${uuid}`,
  ),
  section(
    'second-factor',
    ({ uuid }) => sql`
      select user_id as id, started_at as "startedAt", confirmed_at as "confirmedAt" from second_factor where user_id = ${uuid}`,
  ),
  section(
    'api-keys',
    ({ uuid }) => sql`
      select id, name, scopes, created_at as "createdAt", rotated_at as "rotatedAt", expires_at as "expiresAt",
        revoked_at as "revokedAt", last_used_at as "lastUsedAt", uses_count as "usesCount" from api_key where user_id = ${uuid}`,
    withId('apikey'),
  ),
  section(
    'suspension',
    ({ uuid }) => sql`
      select user_id as id, until, reason, suspended_at as "suspendedAt" from suspension where user_id = ${uuid}`,
  ),
  section(
    'notification-preferences',
    ({ uuid }) => sql`
      select kind || ' ' || channel as id, kind, channel, is_enabled as "isEnabled"
      from notification_preference where user_id = ${uuid}`,
  ),
  section(
    'mails',
    ({ uuid }) => sql`
      select effect_key as id, template, state, outcome, queued_at as "queuedAt", changed_at as "changedAt"
      from mail where user_id = ${uuid}`,
  ),
  section(
    'unsubscribed-mails',
    ({ uuid }) => sql`
      select template as id, template, unsubscribed_at as "unsubscribedAt" from mail_unsubscribed where user_id = ${uuid}`,
  ),
  section(
    'email-change',
    ({ uuid }) => sql`
      select change_id as id, new_email as "newEmail", requested_at as "requestedAt" from email_change where user_id = ${uuid}`,
  ),
  section(
    'data-exports',
    ({ uuid }) => sql`
      select id, status, requested_at as "requestedAt", ready_at as "readyAt" from data_export where user_id = ${uuid}`,
    withId('export'),
  ),
];
