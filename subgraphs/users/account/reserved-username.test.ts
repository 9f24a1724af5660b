import { sql } from 'kit/database';
import { testSubgraph } from 'kit/testing/subgraph';
import { until } from 'kit/testing/until';
import { systemViewer } from 'kit/viewer';
import { tendDeletions } from '../deletion/deletion.saga.actions.ts';
import { users } from '../subgraph.ts';
import { aPerson, PASSWORD, REGISTER } from '../testing.ts';
import { accountTidy } from './account.jobs.ts';

const graph = testSubgraph(users, { DELETION_GRACE_DAYS: '0' });
const ctx = () => graph.running().contextFor(systemViewer);

let asked = 0;
async function codesOf(username: string): Promise<string[]> {
  const input = { username, email: `asked${++asked}@example.org`, password: PASSWORD };
  const { register } = await graph.anonymously.data<{ register: { userErrors: { code: string }[] } }>(REGISTER, {
    input,
  });
  return register.userErrors.map(({ code }) => code);
}

test.each(['ERASE', 'ANONYMISE'])(
  'after %s nobody takes the name, or one that looks like it, until it has been forgotten; the name itself stands nowhere',
  async (mode) => {
    const name = `leaving.${mode.toLowerCase()}`;
    const person = await aPerson(graph, name);
    const leave = 'mutation ($input: DeleteAccountInput!) { deleteAccount(input: $input) { userErrors { code } } }';
    await graph.as(person).data(leave, { input: { mode, password: PASSWORD } });
    // The minute's own job may be at it just now.
    await until('the account is closed', async () => {
      await tendDeletions(ctx());
      return (await graph.rows(sql`select 1 from "user" where username = ${name}`)).length === 0;
    });
    for (const taken of [name, name.toUpperCase(), name.replace('l', '1').replace('.', '_')])
      expect([taken, await codesOf(taken)]).toEqual([taken, ['CONFLICT']]);
    expect(await codesOf(`${name}.too`)).toEqual([]);
    const kept = await graph.rows<{ text: string }>(sql`select reserved_username::text as text from reserved_username`);
    expect(JSON.stringify(kept)).not.toMatch(/leaving/i);
    const [row] = await graph.rows<{ days: number }>(
      sql`select round(extract(epoch from max(free_at) - now()) / 86400)::int as days from reserved_username`,
    );
    expect(row?.days).toBe(90);
    await accountTidy.run(ctx(), {});
    expect(await codesOf(name)).toEqual(['CONFLICT']);
    await graph.rows(sql`update reserved_username set free_at = now()`);
    await accountTidy.run(ctx(), {});
    expect(await graph.rows(sql`select 1 from reserved_username`)).toEqual([]);
    expect(await codesOf(name)).toEqual([]);
  },
);
