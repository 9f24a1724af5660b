import { sql } from 'kit/database';
import { toUuid } from 'kit/ids';
import type { TestGraph } from 'kit/testing/subgraph';
import { aPerson, type TestPerson } from '../testing.ts';

export const SET_ROLE = `mutation SetRole($input: SetUserRoleInput!) {
  setUserRole(input: $input) { user { id role } userErrors { field code } }
}`;
export const SUSPEND = `mutation Suspend($input: SuspendUserInput!) {
  suspendUser(input: $input) { user { id suspension { until reason } } userErrors { field code } }
}`;
export const REINSTATE = `mutation Reinstate($input: ReinstateUserInput!) {
  reinstateUser(input: $input) { user { id suspension { until } } userErrors { field code } }
}`;

/** A person of this role, as the first administrator is made: by the site itself. */
export async function aPersonOfRole(graph: TestGraph, role: string): Promise<TestPerson> {
  const person = await aPerson(graph);
  await graph.rows(sql`update "user" set role = ${role} where id = ${toUuid(person.userId)}`);
  return { ...person, role };
}

export const roleOf = async (graph: TestGraph, { userId }: TestPerson): Promise<string | undefined> =>
  (await graph.rows<{ role: string }>(sql`select role from "user" where id = ${toUuid(userId)}`))[0]?.role;

export interface Act {
  readonly action: string;
  readonly actorId: string | null;
  readonly subjectId: string | null;
  readonly reason: string;
  readonly via: string;
  readonly address: string;
}

/** What was recorded of acts on this subject, oldest first. */
export async function actsOn(graph: TestGraph, subjectId: string): Promise<Act[]> {
  const rows = await graph.rows<{ payload: Act }>(sql`
    select payload from outbox where type = 'act.recorded' and payload ->> 'subjectId' = ${subjectId} order by 1`);
  return rows.map(({ payload }) => payload);
}
