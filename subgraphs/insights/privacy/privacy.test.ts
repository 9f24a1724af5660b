import { sql } from 'kit/database';
import { type Id, newId, toUuid } from 'kit/ids';
import type { Section } from 'kit/rights/rights';
import { testSubgraph } from 'kit/testing/subgraph';
import { systemViewer } from 'kit/viewer';
import { aComment, aPost } from '../insights.testing.ts';
import { insights } from '../subgraph.ts';
import { sections } from './privacy.viewers.ts';

const graph = testSubgraph(insights);

type Row = Readonly<Record<string, unknown>>;

/** A file of somebody's archive, and in how many pages it was read. */
async function fileOf(userId: Id, file: string): Promise<{ rows: Row[]; pages: number }> {
  const section = sections.find((one: Section) => one.file === file);
  if (!section) throw new Error(`no ${file}`);
  const person = { id: userId, uuid: toUuid(userId), mode: 'ANONYMISE' as const };
  const rows: Row[] = [];
  let place: string | null = null;
  for (let pages = 1; ; pages++) {
    const page = await section.page(graph.running().contextFor(systemViewer), person, place);
    rows.push(...(page.rows as Row[]));
    place = page.next;
    if (place === null) return { rows, pages };
  }
}

const auditOf = async (userId: Id) => (await fileOf(userId, 'insights/audit.json')).rows;

const FROM_WHERE = { via: 'session', address: '192.0.2.7', userAgent: 'Firefox' };

async function anAct(act: { actorId: Id | null; subjectId: Id | null; action: string; reason: string }): Promise<Id> {
  const actId = newId('act');
  await graph.deliver('users', 'act.recorded', { actId, ...act, ...FROM_WHERE });
  return actId;
}

test('an archive has what its person did, and what was done to them without who did it from where', async () => {
  const [person, admin, key] = [newId('user'), newId('user'), newId('apikey')];
  const own = await anAct({ actorId: person, subjectId: person, action: 'user.delete', reason: 'ERASE' });
  const made = await anAct({ actorId: person, subjectId: key, action: 'apiKey.create', reason: 'posts:read' });
  const suffered = await anAct({ actorId: admin, subjectId: person, action: 'user.suspend', reason: 'for spam' });
  const bySite = await anAct({ actorId: null, subjectId: person, action: 'user.lapse', reason: '' });
  await anAct({ actorId: admin, subjectId: newId('user'), action: 'user.suspend', reason: 'of another' });
  const [first, second, third, fourth, ...more] = await auditOf(person);
  expect(more).toEqual([]);
  expect(first).toMatchObject({ id: own, isActor: true, subjectId: person, reason: 'ERASE', ...FROM_WHERE });
  expect(second).toMatchObject({ id: made, isActor: true, subjectId: key, reason: 'posts:read', ...FROM_WHERE });
  const unsaid = { isActor: false, via: null, address: null, userAgent: null };
  expect(third).toMatchObject({
    id: suffered,
    action: 'user.suspend',
    subjectId: person,
    reason: 'for spam',
    ...unsaid,
  });
  expect(fourth).toMatchObject({ id: bySite, ...unsaid });
  expect(JSON.stringify([third, fourth])).not.toMatch(new RegExp([admin, ...Object.values(FROM_WHERE)].join('|')));
});

test('whoever acted on others has it that they did, and not what was said of those', async () => {
  const [moderator, other] = [newId('user'), newId('user')];
  await anAct({ actorId: moderator, subjectId: other, action: 'user.suspend', reason: 'words about the other' });
  const rows = await auditOf(moderator);
  expect(rows).toMatchObject([
    { action: 'user.suspend', isActor: true, subjectId: other, reason: null, ...FROM_WHERE },
  ]);
  expect(await auditOf(newId('user'))).toEqual([]);
});

test('a long log is read page by page, each entry once', async () => {
  const person = newId('user');
  await anAct({ actorId: person, subjectId: null, action: 'mail.release', reason: 'first' });
  await graph.rows(sql`
    insert into audit_entry (id, occurred_at, action, actor_key, via, origin, reason)
    select gen_random_uuid(), now(), 'planted', person_key, 'session', convert_to(chr(1) || 'x', 'UTF8'), convert_to(chr(1) || 'x', 'UTF8')
    from audit_person, generate_series(1, 1100) where user_id = ${toUuid(person)}`);
  const { rows, pages } = await fileOf(person, 'insights/audit.json');
  expect(pages).toBe(3);
  expect(new Set(rows.map(({ id }) => id)).size).toBe(1101);
});

test('an archive has how each text of its person was read, posts and comments', async () => {
  const [person, other] = [newId('user'), newId('user')];
  const post = await aPost(graph, { authorId: person, text: 'A wonderful day.' });
  const othersPost = await aPost(graph, { authorId: other, text: 'Awful.' });
  const comment = await aComment(graph, { postId: othersPost, authorId: person, text: 'I love it.' });
  await aComment(graph, { postId: post, authorId: other, text: 'I hate it.' });
  const { rows } = await fileOf(person, 'insights/sentiments.json');
  expect(rows).toHaveLength(2);
  expect(rows).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ id: post, kind: 'POST', label: 'POSITIVE' }),
      expect.objectContaining({ id: comment, kind: 'COMMENT', label: 'POSITIVE' }),
    ]),
  );
  // Of texts from before their authors were kept, posts are known all the same.
  await graph.rows(sql`update sentiment_text set author_id = null where target_id = ${toUuid(post)}`);
  expect((await fileOf(person, 'insights/sentiments.json')).rows).toHaveLength(2);
});
