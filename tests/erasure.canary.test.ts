import { deleteIndexes, enginesFor } from '../subgraphs/search/search/engine/engines.testing.ts';
import { startMailServer, type TestMailServer } from '../subgraphs/users/mail/smtp.testing.ts';
import { privacyOf } from './access/columns.ts';
import { textColumns } from './access/plant.ts';
import { documentsWith, keysWith, rowsWith, type SpokenGraph, startSpokenGraph } from './erasure.canary.testing.ts';
import { MARK, plant, rowsOf, word } from './erasure.plant.testing.ts';
import { leave, receiptOf, uuidOf } from './erasure.testing.ts';
import { aPerson, eventually, type Frontend, signIn, sleep } from './setup/client.ts';

const [, onElasticsearch] = enginesFor('canary')[1] ?? [];

let graph: SpokenGraph;
let mails: TestMailServer;
beforeAll(async () => {
  mails = await startMailServer();
  graph = await startSpokenGraph({
    MAIL_URL: mails.url,
    DELETION_GRACE_DAYS: '0',
    DELETION_SETTLE_SECONDS: '0',
    ...onElasticsearch,
  });
});
afterAll(async () => {
  await graph.stop();
  await mails.stop();
  await deleteIndexes(onElasticsearch ?? {});
});

const rows = (subgraph: string, text: string, values: readonly unknown[] = []) => rowsOf(graph)(subgraph, text, values);

/** Columns that hold nothing of a person’s own words, and why no mark can stand in them. */
const NOT_THEIRS: Readonly<Record<string, string>> = {
  'users.user.password_hash': 'a hash',
  'users.session.current_hash': 'a hash',
  'users.session.previous_hash': 'a hash',
  'users.token.hash': 'a hash',
  'users.api_key.hash': 'a hash',
  'users.api_key.previous_hash': 'a hash',
  'users.mail.address_hash': 'a hash',
  'users.mail.address': 'emptied once it is sent',
  'users.mail.data': 'emptied once it is sent',
  'users.mailbox.address': 'of development: there is a mail server here',
  'users.mailbox.subject': 'of development: there is a mail server here',
  'users.mailbox.text': 'of development: there is a mail server here',
  'users.mailbox.html': 'of development: there is a mail server here',
  'users.mail_suppression.address_hash': 'a hash',
  'users.recovery_code.code_hash': 'a hash',
  'users.second_factor.secret': 'sealed',
  'users.sign_in_challenge.secret_hash': 'a hash',
  'users.data_export_part.body': 'in the archive already',
  'users.data_export_chunk.bytes': 'compressed: checked by counting',
  'users.deletion.receipt_hash': 'a hash',
  'users.deletion.username': 'there only from closing to the last step',
  'users.deletion.address': 'there only from closing to the last step',
  'insights.audit_entry.origin': 'sealed under a key that goes',
  'insights.audit_entry.reason': 'sealed under a key that goes',
  'insights.audit_person.secret': 'a key: checked by counting',
  'users.mail_suppression.reason': 'a code',
  'users.user.role': 'a word of the site’s',
  'users.mail_secret.secret': 'the site’s',
  'users.key.id': 'the site’s',
  'users.key.secret': 'the site’s',
  'insights.viewer_key.secret': 'the site’s',
  'insights.tracked_event.viewer': 'a keyed hash: checked by counting',
  'insights.post_viewer.viewer': 'a keyed hash: checked by counting',
};

/** Columns in which no mark stands though it should: what was forgotten to be planted, or to be said. */
async function unplanted(): Promise<string[]> {
  const columns = await textColumns(graph.databaseUrls);
  const names = columns.map(({ subgraph, table, column }) => `${subgraph}.${table}.${column}`);
  const bare = Object.keys(NOT_THEIRS).filter((name) => !names.includes(name));
  for (const [index, column] of columns.entries()) {
    const name = names[index] ?? '';
    // What nobody has classified yet may be anybody’s.
    const isPersonal = privacyOf(column) !== 'internal';
    // Ids are searched for apart.
    if (!isPersonal || NOT_THEIRS[name] !== undefined || /\.(actor|aggregate)_id$/.test(name)) continue;
    const written = column.type === 'bytea' ? `encode("${column.column}", 'escape')` : `"${column.column}"::text`;
    const found = await rows(
      column.subgraph,
      `select 1 from "${column.schema}"."${column.table}" where ${written} ilike $1 limit 1`,
      [`%${MARK}%`],
    );
    if (found.length === 0) bare.push(name);
  }
  return bare;
}

async function foundBy(reader: Frontend, query: string, count: number): Promise<void> {
  const { search } = await reader.data<{ search: { edges: unknown[] } }>(
    'query ($q: String!) { search(query: $q) { edges { cursor } } }',
    { q: query },
  );
  expect(search.edges).toHaveLength(count);
}

test('after ERASE no word, name or id of the person is in any table, key, index or log', async () => {
  const other = await aPerson(graph.url, 'stays');
  const { person, username } = await plant({ graph, mails }, other);
  await eventually(
    () => rows('search', `select 1 from term where word like $1`, [`${MARK}%`]),
    (found) => found.length > 5,
  );
  await eventually(
    async () => mails.to(`${MARK}mail@example.org`).filter(({ raw }) => raw.includes('data-export')).length,
    (count) => count === 1,
  );
  // The twin of all that follows: before, it is everywhere it can be.
  await eventually(unplanted, (missing) => missing.length === 0);
  const [id, uuid] = [person.userId ?? '', uuidOf(person.userId ?? '')];
  await eventually(
    () => keysWith([MARK, id]),
    (keys) => keys.length > 3,
  );
  if (onElasticsearch) {
    await foundBy(other, word('newtitle'), 1);
    expect((await documentsWith(onElasticsearch, [MARK])).length).toBeGreaterThan(2);
  }

  const again = await signIn(graph.url, username);
  const token = await leave(again, 'ERASE');
  await eventually(
    () => receiptOf(other, token),
    (receipt) => receipt?.status === 'DONE',
    60_000,
  );
  await eventually(
    async () => mails.to(`${MARK}mail@example.org`).filter(({ raw }) => raw.includes('is deleted')).length,
    (count) => count === 1,
  );
  await sleep(2500);
  expect(await rowsWith(graph.databaseUrls, [MARK])).toEqual([]);
  expect(await rowsWith(graph.databaseUrls, [id, uuid])).toEqual([]);
  expect(await keysWith([MARK, id])).toEqual([]);
  expect(graph.said()).not.toContain(MARK);
  for (const [subgraph, table] of [
    ['insights', 'tracked_event'],
    ['insights', 'post_viewer'],
    ['users', 'data_export_chunk'],
  ] as const) {
    expect([table, await rows(subgraph, `select 1 from ${table}`)]).toEqual([table, []]);
  }
  expect(await rows('insights', 'select 1 from audit_person where user_id = $1', [uuid])).toEqual([]);
  if (onElasticsearch) expect(await documentsWith(onElasticsearch, [MARK, id, uuid])).toEqual([]);
  await foundBy(other, word('newtitle'), 0);
}, 240_000);
