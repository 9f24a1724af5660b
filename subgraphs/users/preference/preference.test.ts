import { sql } from 'kit/database';
import { testSubgraph } from 'kit/testing/subgraph';
import type { Viewer } from 'kit/viewer';
import { isUnsubscribed } from '../mail/mail.subscriptions.ts';
import { users } from '../subgraph.ts';
import { aPerson, type TestPerson } from '../testing.ts';
import { endMailsOf, kindOfMail } from './preference.actions.ts';

const graph = testSubgraph(users);
const FIELDS = 'kind channel isEnabled isFixed';
const QUERY = `{ notificationPreferences { ${FIELDS} } }`;
const UPDATE = `mutation ($input: UpdateNotificationPreferencesInput!) {
  updateNotificationPreferences(input: $input) { preferences { ${FIELDS} } userErrors { field code } } }`;
interface Preference {
  readonly kind: string;
  readonly channel: string;
  readonly isEnabled: boolean;
  readonly isFixed: boolean;
}
const preferencesOf = async (viewer: Viewer) =>
  (await graph.as(viewer).data<{ notificationPreferences: Preference[] }>(QUERY)).notificationPreferences;
const isOn = async (viewer: Viewer, kind: string, channel: string) =>
  (await preferencesOf(viewer)).find((one) => one.kind === kind && one.channel === channel)?.isEnabled;
const change = async (viewer: Viewer, changes: object[]) =>
  (
    await graph.as(viewer).data<{
      updateNotificationPreferences: { preferences: Preference[] | null; userErrors: { code: string }[] };
    }>(UPDATE, { input: { changes } })
  ).updateNotificationPreferences;
const eventsOf = ({ userId }: TestPerson) =>
  graph.rows<{ payload: { enabled: string[] } }>(
    sql`select payload from outbox where aggregate_id = ${userId} and type = 'preferences.saved' order by position`,
  );

test('every kind in every channel is there from the beginning, and one’s own', async () => {
  const [person, other] = [await aPerson(graph), await aPerson(graph)];
  expect(await preferencesOf(person)).toHaveLength(8 * 3);
  expect(await isOn(person, 'COMMENT', 'IN_APP')).toBe(true);
  expect(await isOn(person, 'COMMENT', 'EMAIL')).toBe(false);
  expect(await isOn(person, 'MENTION', 'EMAIL')).toBe(true);
  await change(person, [{ kind: 'MENTION', channel: 'EMAIL', isEnabled: false }]);
  expect(await isOn(person, 'MENTION', 'EMAIL')).toBe(false);
  expect(await isOn(other, 'MENTION', 'EMAIL')).toBe(true);
  expect((await graph.anonymously.run(QUERY)).errors?.[0]?.extensions?.['code']).toBe('UNAUTHENTICATED');
  expect(await graph.as(person).queriesOf(QUERY)).toBe(1);
});

test('what is not named stays, the last word on one thing counts, and the event tells all that is on', async () => {
  const person = await aPerson(graph);
  const { preferences, userErrors } = await change(person, [
    { kind: 'FOLLOW', channel: 'IN_APP', isEnabled: false },
    { kind: 'COMMENT', channel: 'WEB_PUSH', isEnabled: false },
    { kind: 'COMMENT', channel: 'WEB_PUSH', isEnabled: true },
  ]);
  expect(userErrors).toEqual([]);
  const on = (preferences ?? []).filter(({ isEnabled }) => isEnabled).map(({ kind, channel }) => `${kind}:${channel}`);
  expect(on).toContain('COMMENT:WEB_PUSH');
  expect(on).not.toContain('FOLLOW:IN_APP');
  expect(on).toContain('REPLY:EMAIL');
  expect((await eventsOf(person)).map(({ payload }) => payload.enabled)).toEqual([on]);
  // Nothing changes: nothing is told.
  await change(person, [{ kind: 'FOLLOW', channel: 'IN_APP', isEnabled: false }]);
  await change(person, []);
  expect(await eventsOf(person)).toHaveLength(1);
});

test.each(['NEW_LOGIN', 'SECURITY'])(
  '%s cannot be turned off, nor what is asked for together with it',
  async (kind) => {
    const person = await aPerson(graph);
    for (const channel of ['IN_APP', 'EMAIL', 'WEB_PUSH']) {
      const changes = [
        { kind: 'COMMENT', channel, isEnabled: false },
        { kind, channel, isEnabled: false },
      ];
      expect(await change(person, changes)).toEqual({
        preferences: null,
        userErrors: [{ field: ['changes'], code: 'BAD_USER_INPUT' }],
      });
      expect(await isOn(person, kind, channel)).toBe(true);
    }
    expect(await isOn(person, 'COMMENT', 'IN_APP')).toBe(true);
    expect((await change(person, [{ kind, channel: 'EMAIL', isEnabled: true }])).userErrors).toEqual([]);
  },
);

test('too many changes, and kinds that are none, are refused', async () => {
  const person = await aPerson(graph);
  const one = { kind: 'COMMENT', channel: 'EMAIL', isEnabled: true };
  expect(
    (
      await change(
        person,
        Array.from({ length: 50 }, () => one),
      )
    ).userErrors,
  ).toEqual([]);
  expect(
    (
      await change(
        person,
        Array.from({ length: 51 }, () => one),
      )
    ).userErrors,
  ).toMatchObject([{ code: 'BAD_USER_INPUT' }]);
  const { errors } = await graph.as(person).run(UPDATE, { input: { changes: [{ ...one, kind: 'NOTHING' }] } });
  expect(errors?.[0]?.message).toContain('NOTHING');
});

test('changes at once are all kept, and the last event holds them', async () => {
  const person = await aPerson(graph);
  const kinds = ['COMMENT', 'REPLY', 'MENTION', 'FOLLOW', 'VOTE_MILESTONE', 'COMMUNITY'];
  await Promise.all(kinds.map((kind) => change(person, [{ kind, channel: 'IN_APP', isEnabled: false }])));
  const on = (await preferencesOf(person)).filter(({ isEnabled }) => isEnabled);
  expect(on.filter(({ channel }) => channel === 'IN_APP').map(({ kind }) => kind)).toEqual(['NEW_LOGIN', 'SECURITY']);
  expect((await eventsOf(person)).at(-1)?.payload.enabled).toEqual(on.map(({ kind, channel }) => `${kind}:${channel}`));
});

test('the link in a mail ends mails of its kind, and of no other', async () => {
  const person = await aPerson(graph);
  expect(['reply', 'voteMilestone', 'newLogin', 'welcome', ''].map(kindOfMail)).toEqual([
    'REPLY',
    'VOTE_MILESTONE',
    'NEW_LOGIN',
    null,
    null,
  ]);
  const end = (kind: 'REPLY' | 'NEW_LOGIN') =>
    graph.anonymously.context().change((tx) => endMailsOf(tx, person.userId, kind));
  const isEnded = (template: string) =>
    isUnsubscribed(
      graph.anonymously.context(),
      { userId: person.userId, template } as Parameters<typeof isUnsubscribed>[1],
      { isUnsubscribable: true } as Parameters<typeof isUnsubscribed>[2],
    );
  expect(await isEnded('reply')).toBe(false);
  await end('REPLY');
  await end('REPLY');
  expect([await isEnded('reply'), await isEnded('mention'), await isEnded('apiKeyReminder')]).toEqual([
    true,
    false,
    false,
  ]);
  await end('NEW_LOGIN');
  expect(await isOn(person, 'REPLY', 'EMAIL')).toBe(false);
  expect(await isOn(person, 'REPLY', 'IN_APP')).toBe(true);
  expect(await isOn(person, 'MENTION', 'EMAIL')).toBe(true);
  expect(await isOn(person, 'NEW_LOGIN', 'EMAIL')).toBe(true);
  expect(await eventsOf(person)).toHaveLength(1);
});
