import { sql } from './database.ts';
import { newId, toUuid } from './ids.ts';
import { loggedError } from './logger.ts';
import type { RunningSubgraph } from './running.ts';
import { testStores } from './testing/stores.ts';
import { maker, Widget } from './testing/widget.ts';
import { systemViewer } from './viewer.ts';

const WORDS = 'what somebody has written';

const stores = testStores();
let running: RunningSubgraph;
beforeAll(async () => {
  running = await stores.start(maker);
  const client = await stores.client(maker);
  await client.query(`alter table widget add constraint few_words check (length(name) < 20)`);
  await client.query(`create unique index one_of_a_name on widget (name) where size = 7`);
});

const failureOf = async (work: Promise<unknown>): Promise<Record<string, unknown>> => {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Error);
  return loggedError(error) as Record<string, unknown>;
};
const change = (statement: ReturnType<typeof sql>) => running.contextFor(systemViewer).rows(statement);

test('an error of PostgreSQL is logged by its constraint, without the row or the key', async () => {
  const id = toUuid(newId('widget'));
  const row = await failureOf(change(sql`insert into widget (id, name) values (${id}, ${WORDS})`));
  expect(row).toMatchObject({ code: '23514', constraint: 'few_words' });
  expect(row['message']).toContain('few_words');
  expect(JSON.stringify(row)).not.toContain(WORDS);

  const twice = sql`insert into widget (id, name, size) values (gen_random_uuid(), 'SHORT WORDS', 7)`;
  await change(twice);
  const key = await failureOf(change(twice));
  expect(key).toMatchObject({ code: '23505', constraint: 'one_of_a_name' });
  expect(JSON.stringify(key)).not.toContain('SHORT WORDS');
});

test('so is one that the ORM has put into words of its own', async () => {
  const failed = running
    .contextFor(systemViewer)
    .change(async (tx) => void tx.em.create(Widget, { id: newId('widget'), name: WORDS, size: 0 }));
  const logged = await failureOf(failed);
  expect(logged).toMatchObject({ code: '23514', constraint: 'few_words' });
  expect(JSON.stringify(logged)).not.toContain(WORDS);
});

test('an error of Redis is logged by its command, without what it was to store', async () => {
  await stores.redis.set('a-text', 'x');
  const logged = await failureOf(stores.redis.lpush('a-text', WORDS));
  expect(logged).toMatchObject({ command: 'lpush' });
  expect(logged['message']).toContain('WRONGTYPE');
  expect(JSON.stringify(logged)).not.toContain(WORDS);
});

test('what is no error is logged as it is', () => {
  expect(loggedError('a word')).toBe('a word');
  expect(loggedError(null)).toBeNull();
  expect(loggedError(new Error('outer', { cause: new Error('inner') }))).toMatchObject({ message: 'outer: inner' });
});
