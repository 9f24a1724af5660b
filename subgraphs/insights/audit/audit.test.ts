import { sql } from 'kit/database';
import { newId, toUuid } from 'kit/ids';
import { testSubgraph } from 'kit/testing/subgraph';
import { systemViewer, userViewer } from 'kit/viewer';
import { insights } from '../subgraph.ts';
import { forgetInAudit } from './audit.actions.ts';
import { auditLog } from './audit.queries.ts';

const graph = testSubgraph(insights);
const admin = userViewer(newId('user'), 'admin');

interface Entry {
  readonly id: string;
  readonly action: string;
  readonly actor: { readonly id: string } | null;
  readonly actorKey: string | null;
  readonly subjectId: string | null;
  readonly subjectKey: string | null;
  readonly via: string;
  readonly address: string | null;
  readonly userAgent: string | null;
  readonly reason: string | null;
}

const FIELDS = 'id occurredAt action actor { id } actorKey subjectId subjectKey via address userAgent reason';
const LOG = `query Log($filter: AuditFilter, $first: Int, $after: String, $last: Int, $before: String) {
  auditLog(filter: $filter, first: $first, after: $after, last: $last, before: $before) {
    edges { node { ${FIELDS} } } pageInfo { hasNextPage endCursor }
  }
}`;

async function log(variables: object = {}): Promise<Entry[]> {
  const data = await graph
    .as(admin)
    .data<{ auditLog: { edges: { node: Entry }[] } }>(LOG, variables as Record<string, unknown>);
  return data.auditLog.edges.map(({ node }) => node);
}

/** An act as users tells of it. */
async function anAct(more: object = {}, options = {}) {
  const act = {
    actId: newId('act'),
    action: 'user.suspend',
    actorId: newId('user'),
    subjectId: newId('user'),
    reason: 'for spam',
    via: 'session',
    address: '192.0.2.7',
    userAgent: 'Firefox',
    ...more,
  };
  const event = await graph.deliver('users', 'act.recorded', act, options);
  return { ...act, event };
}

test('administrators read who did what to whom, from where and why, newest first', async () => {
  const [first, second] = [await anAct(), await anAct({ action: 'apiKey.create', subjectId: newId('apikey') })];
  const [newest, before] = await log();
  expect(before).toMatchObject({
    id: first.actId,
    action: 'user.suspend',
    actor: { id: first.actorId },
    subjectId: first.subjectId,
    via: 'session',
    address: '192.0.2.7',
    userAgent: 'Firefox',
    reason: 'for spam',
  });
  expect(newest).toMatchObject({ id: second.actId, subjectId: second.subjectId, subjectKey: null });
  expect(await graph.as(admin).queriesOf(LOG)).toBe(1);
});

test.each([
  ['nobody', null, 'UNAUTHENTICATED'],
  ['a person', userViewer(newId('user')), 'FORBIDDEN'],
  ['a moderator', userViewer(newId('user'), 'moderator'), 'FORBIDDEN'],
  ['a key without the scope', { ...admin, scopes: ['moderation', 'posts:read'] }, 'FORBIDDEN'],
  ['a key with the scope', { ...admin, scopes: ['admin'] }, undefined],
])('the log is for administrators: %s', async (_, viewer, code) => {
  const asking = viewer ? graph.as(viewer) : graph.anonymously;
  const { errors } = await asking.run(LOG);
  expect(errors?.[0]?.extensions?.['code']).toBe(code);
});

test('one act that is told twice is one entry', async () => {
  const { event, ...act } = await anAct();
  await graph.deliver('users', 'act.recorded', act, { id: event.id });
  await graph.deliver('users', 'act.recorded', act);
  expect((await log()).filter(({ id }) => id === act.actId)).toHaveLength(1);
});

test('the log is narrowed by actor, subject, action and time, and paged', async () => {
  const actorId = newId('user');
  const key = newId('apikey');
  const acts = [
    await anAct({ actorId }),
    await anAct({ actorId, action: 'apiKey.revoke', subjectId: key }),
    await anAct({ actorId, action: 'user.setRole' }),
  ];
  const ids = async (filter: object, page = {}) => (await log({ filter, ...page })).map(({ id }) => id);
  const all = acts.map(({ actId }) => actId).reverse();
  expect(await ids({ actorId })).toEqual(all);
  expect(await ids({ subjectId: acts[0]?.subjectId })).toEqual([acts[0]?.actId]);
  expect(await ids({ subjectId: key })).toEqual([acts[1]?.actId]);
  expect(await ids({ actorId, action: 'user.setRole' })).toEqual([acts[2]?.actId]);
  expect(await ids({ actorId, since: new Date(Date.now() + 60_000).toISOString() })).toEqual([]);
  expect(await ids({ actorId, until: new Date(Date.now() + 60_000).toISOString() })).toEqual(all);
  expect(await ids({ actorId: newId('user') })).toEqual([]);
  const data = await graph
    .as(admin)
    .data<{ auditLog: { pageInfo: { hasNextPage: boolean; endCursor: string } } }>(LOG, {
      filter: { actorId },
      first: 2,
    });
  expect(data.auditLog.pageInfo.hasNextPage).toBe(true);
  expect(await ids({ actorId }, { first: 2, after: data.auditLog.pageInfo.endCursor })).toEqual([acts[0]?.actId]);
});

test('what was done in a time long past is found without all that has been done since', async () => {
  const made = (from: string, to: string) => sql`
    insert into audit_entry (id, occurred_at, action, via, origin, reason)
    select (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || substr(md5(at::text), 13))::uuid, at, 'old',
      'system', decode('005b22222c22225d', 'hex'), decode('00', 'hex')
    from generate_series(${from}::timestamptz, ${to}, interval '2 hours') at`;
  await graph.rows(made('2020-01-01T00:00:00Z', '2024-12-31T22:00:00Z'));
  await graph.rows(sql`analyze audit_entry`);
  const [entries, read] = await graph
    .as(admin)
    .context()
    .change(async (tx) => {
      const found = await auditLog(tx, { first: 5, filter: { until: new Date('2020-02-01T00:00:00Z') } });
      const [{ count } = { count: 0 }] = await tx.rows<{ count: number }>(sql`
        select seq_tup_read + coalesce(idx_tup_fetch, 0) as count
        from pg_stat_xact_user_tables where relname = 'audit_entry'`);
      return [found.edges.map(({ node }) => node.occurredAt.toISOString()), count] as const;
    });
  expect([entries[0], entries.length]).toEqual(['2020-01-31T22:00:00.000Z', 5]);
  expect(read).toBeLessThan(100);
});

test.each(['0001-01-01T00:00:00Z', '9999-12-31T23:59:59Z'])('a time may be any: %s', async (at) => {
  const { actId } = await anAct();
  const [since, until] = [await log({ filter: { since: at } }), await log({ filter: { until: at } })];
  expect([...since, ...until].map(({ id }) => id)).toContain(actId);
});

test.each([
  [{ actorId: 'user_nobody' }, 'INVALID_ID'],
  [{ actorId: newId('post') }, 'WRONG_ID_TYPE'],
  [{ action: 'x'.repeat(1000) }, 'BAD_USER_INPUT'],
])('a filter by %o is refused as %s', async (filter, code) => {
  const { errors } = await graph.as(admin).run(LOG, { filter });
  expect(errors?.[0]?.extensions?.['code']).toBe(code);
});

test.each([
  `update audit_entry set action = 'nothing'`,
  'delete from audit_entry',
  'truncate audit_entry',
  `update audit_person set secret = ''`,
])('the log is only ever added to: %s', async (statement) => {
  const { actId } = await anAct();
  await expect(graph.rows(sql.raw(statement) as never)).rejects.toThrow('only ever added to');
  expect((await log())[0]?.id).toBe(actId);
});

test('persons are in the log by keys, and nothing readable of them beside', async () => {
  const { actorId, subjectId } = await anAct({
    reason: 'wordsofreason',
    address: '203.0.113.77',
    userAgent: 'Netscape',
  });
  const rows = await graph.rows<{ text: string }>(
    sql`select e::text || encode(e.origin, 'escape') || encode(e.reason, 'escape') as text from audit_entry e`,
  );
  const text = rows.map((row) => row.text).join('\n');
  for (const word of ['wordsofreason', '203.0.113.77', 'Netscape', toUuid(actorId), toUuid(subjectId), actorId]) {
    expect(text).not.toContain(word);
  }
});

describe('a person who is erased', () => {
  const forget = (userId: string) =>
    graph
      .running()
      .contextFor(systemViewer)
      .change((tx) => forgetInAudit(tx, userId));

  test('leaves the log whole, with a key that leads to nobody', async () => {
    const [gone, other] = [newId('user'), newId('user')];
    const did = await anAct({ actorId: gone, subjectId: other });
    const suffered = await anAct({ actorId: other, subjectId: gone });
    const known = await log({ filter: { actorId: gone } });
    await forget(gone);
    await forget(gone);
    const [second, first] = (await log()).slice(0, 2);
    expect(first).toMatchObject({ id: did.actId, actor: null, address: null, userAgent: null, subjectId: other });
    // Why they did it is said of the other one, who is still there.
    expect(first?.reason).toBe('for spam');
    expect(second).toMatchObject({ id: suffered.actId, subjectId: null, reason: null, address: '192.0.2.7' });
    expect(second?.subjectKey).toBe(known[0]?.actorKey);
    expect(first?.actorKey).toBe(known[0]?.actorKey);
    expect(await log({ filter: { actorId: gone } })).toEqual([]);
  });

  test('does not come back by an act that arrives late, or at the same moment', async () => {
    const gone = newId('user');
    await forget(gone);
    const { actId } = await anAct({ actorId: gone });
    expect((await log())[0]).toMatchObject({ id: actId, actor: null, address: null });
    const another = newId('user');
    await Promise.all([forget(another), ...[1, 2, 3].map(() => anAct({ actorId: another }))]);
    expect(await graph.rows(sql`select 1 from audit_person where user_id = ${toUuid(another)}`)).toEqual([]);
    expect(await log({ filter: { actorId: another } })).toEqual([]);
  });
});
