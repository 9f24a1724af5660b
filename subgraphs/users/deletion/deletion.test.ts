import { sql } from 'kit/database';
import { toUuid } from 'kit/ids';
import { testSubgraph } from 'kit/testing/subgraph';
import { gatewayViewer, systemViewer } from 'kit/viewer';
import { removeUnverified } from '../account/account.jobs.ts';
import { aPersonOfRole, SET_ROLE } from '../role/role.testing.ts';
import { users } from '../subgraph.ts';
import { anUnverifiedPerson, aPerson, PASSWORD, type TestPerson } from '../testing.ts';
import { issueToken } from '../token/token.actions.ts';
import { tendDeletions } from './deletion.saga.actions.ts';

const graph = testSubgraph(users);

const DELETE = `mutation ($input: DeleteAccountInput!) {
  deleteAccount(input: $input) { receiptToken userErrors { code message } }
}`;
const CANCEL = 'mutation ($input: CancelDeletionInput!) { cancelDeletion(input: $input) { userErrors { code } } }';
const RECEIPT = 'query ($token: String!) { deletionReceipt(token: $token) { status } }';
const UPDATE = 'mutation ($input: UpdateProfileInput!) { updateProfile(input: $input) { userErrors { code } } }';

/** Asks for the end of an account, and answers the receipt's word. */
async function leave(person: TestPerson): Promise<string> {
  const input = { mode: 'ANONYMISE', password: PASSWORD };
  const { deleteAccount } = await graph
    .as(person)
    .data<{ deleteAccount: { receiptToken: string; userErrors: unknown[] } }>(DELETE, { input });
  expect(deleteAccount.userErrors).toEqual([]);
  return deleteAccount.receiptToken;
}

const statusOf = async (token: string): Promise<string | undefined> =>
  (await graph.anonymously.data<{ deletionReceipt: { status: string } | null }>(RECEIPT, { token })).deletionReceipt
    ?.status;

/** The time to change one's mind is over for these, the first one first. */
async function graceIsOver(...people: readonly TestPerson[]): Promise<void> {
  for (const [index, { userId }] of people.entries()) {
    await graph.rows(sql`
      update deletion set due_at = now() - interval '1 hour' + ${index} * interval '1 minute' where user_id = ${toUuid(userId)}`);
  }
  await tendDeletions(graph.running().contextFor(systemViewer));
}

/** The types of what was told of a person, the oldest first. */
async function toldOf({ userId }: TestPerson): Promise<string[]> {
  const rows = await graph.rows<{ type: string }>(sql`
    select type from outbox where aggregate_id = ${userId} and type in ('user.saved', 'user.hidden', 'user.deleted')
    order by position`);
  return rows.map(({ type }) => type);
}

test('an account that was never confirmed is deleted as its person has asked, and holds nobody else’s deletion up', async () => {
  const [unverified, other] = [await anUnverifiedPerson(graph), await aPerson(graph)];
  const [first, second] = [await leave(unverified), await leave(other)];
  await graph.rows(
    sql`update "user" set joined_at = joined_at - interval '30 days' where id = ${toUuid(unverified.userId)}`,
  );
  await removeUnverified(graph.running().contextFor(systemViewer));
  await graceIsOver(unverified, other);
  expect([await statusOf(first), await statusOf(second)]).toEqual(['CLOSED', 'CLOSED']);
});

test('an account that is gone without its deletion is deleted to the end', async () => {
  const [gone, other] = [await aPerson(graph), await aPerson(graph)];
  const [first, second] = [await leave(gone), await leave(other)];
  await graph.rows(sql`delete from "user" where id = ${toUuid(gone.userId)}`);
  await graceIsOver(gone, other);
  expect([await statusOf(first), await statusOf(second)]).toEqual(['CLOSED', 'CLOSED']);
});

test('the last administrator, who cannot be closed, holds nobody else’s deletion up', async () => {
  const [admin, successor, other] = [
    await aPersonOfRole(graph, 'admin'),
    await aPersonOfRole(graph, 'admin'),
    await aPerson(graph),
  ];
  const [first, second] = [await leave(admin), await leave(other)];
  await graph.rows(sql`update "user" set role = 'user' where id = ${toUuid(successor.userId)}`);
  await graceIsOver(admin, other);
  expect([await statusOf(first), await statusOf(second)]).toEqual(['SCHEDULED', 'CLOSED']);
});

test('nobody is told anew of a person who wants to go, until they stay', async () => {
  const [person, admin] = [await aPerson(graph), await aPersonOfRole(graph, 'admin')];
  await leave(person);
  await graph.as(person).data(UPDATE, { input: { bio: 'Nearly gone' } });
  await graph.as(admin).data(SET_ROLE, { input: { userId: person.userId, role: 'moderator' } });
  expect(await toldOf(person)).toEqual(['user.saved', 'user.hidden']);
  await graph.as(person).data(CANCEL, { input: {} });
  expect(await toldOf(person)).toEqual(['user.saved', 'user.hidden', 'user.saved']);
});

test('a change of profile that comes after the end changes nothing, and nobody is told of it', async () => {
  const person = await aPerson(graph);
  await leave(person);
  await graceIsOver(person);
  const { errors } = await graph.as(person).run(UPDATE, { input: { name: 'Margaret', bio: 'Who I was' } });
  expect(errors).toBeUndefined();
  const [row] = await graph.rows(sql`select name, bio from "user" where id = ${toUuid(person.userId)}`);
  expect(row).toEqual({ name: 'Deleted person', bio: '' });
  expect(await toldOf(person)).toEqual(['user.saved', 'user.hidden', 'user.deleted']);
});

test('whoever takes their archive along before they go has its link until they are gone', async () => {
  const person = await aPerson(graph);
  await graph.rows(sql`
    with export as (
      insert into data_export (id, user_id, status, ready_at, expires_at, size)
      values (gen_random_uuid(), ${toUuid(person.userId)}, 'READY', now(), now() + interval '7 days', 1) returning id)
    insert into data_export_chunk select id, 0, 'x' from export`);
  const link = { purpose: 'data-export', userId: person.userId, lifetimeSeconds: 3600 };
  const token = await graph
    .running()
    .contextFor(systemViewer)
    .change((tx) => issueToken(tx, link));
  const pieces = async () =>
    (
      await graph
        .as(gatewayViewer)
        .data<{ dataExportPiece: { pieces: number } | null }>(
          'query ($token: String!) { dataExportPiece(token: $token, piece: 0) { pieces } }',
          { token },
        )
    ).dataExportPiece?.pieces;
  await leave(person);
  expect(await pieces()).toBe(1);
  await graceIsOver(person);
  expect(await pieces()).toBeUndefined();
});
