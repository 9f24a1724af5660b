import { testSubgraph } from 'kit/testing/subgraph';
import { content } from '../subgraph.ts';
import { act, aPerson, CREATE_COMMUNITY, CREATE_POST, codeOf, UPDATE_POST } from '../testing.ts';

const strict = testSubgraph(content, {
  LIMIT_POSTS_PER_HOUR: '3',
  LIMIT_IMPORTS_PER_HOUR: '2',
  LIMIT_SAVED_CHARACTERS_PER_HOUR: '1000',
  LIMIT_COMMUNITIES_PER_DAY: '1',
});
const post = (more: object = {}) => ({ input: { title: 'x', markdown: 'x', ...more } });

test('posts are limited per person, with how long to wait; what was refused or repeated costs nothing', async () => {
  const [author, other] = [aPerson(), aPerson()];
  await strict.as(author).data(CREATE_POST, post({ idempotencyKey: 'once' }));
  for (let n = 0; n < 5; n++) {
    await strict.as(author).data(CREATE_POST, post({ idempotencyKey: 'once' }));
    await strict.as(author).data(CREATE_POST, post({ title: '' }));
  }
  await strict.as(author).data(CREATE_POST, post());
  await strict.as(author).data(CREATE_POST, post());
  const refused = await strict.as(author).run(CREATE_POST, post());
  expect(codeOf(refused)).toBe('RATE_LIMITED');
  const seconds = refused.errors?.[0]?.extensions?.['retryAfterSeconds'];
  expect(seconds).toBeGreaterThan(3000);
  expect(seconds).toBeLessThanOrEqual(3600);
  expect((await act(strict, other, CREATE_POST, { title: 'x', markdown: 'x' })).post).not.toBeNull();
});

test('a refused key is free again: the retry is judged anew', async () => {
  const author = aPerson();
  for (let n = 0; n < 3; n++) await strict.as(author).data(CREATE_POST, post());
  expect(codeOf(await strict.as(author).run(CREATE_POST, post({ idempotencyKey: 'late' })))).toBe('RATE_LIMITED');
  expect(codeOf(await strict.as(author).run(CREATE_POST, post({ idempotencyKey: 'late' })))).toBe('RATE_LIMITED');
});

test('saving is limited by how much text is saved, whatever of it has changed; what is refused is not saved', async () => {
  const author = aPerson();
  const { post: made } = await act(strict, author, CREATE_POST, { title: 'x', markdown: 'a' });
  const id = made?.id;
  const save = (version: number, more: object) =>
    strict.as(author).run(UPDATE_POST, { input: { id, version, ...more } });
  expect(codeOf(await save(1, { markdown: 'b'.repeat(400) }))).toBeUndefined();
  expect(codeOf(await save(2, { tags: ['one'] }))).toBeUndefined();
  const refused = await save(3, { tags: ['two'] });
  expect(codeOf(refused)).toBe('RATE_LIMITED');
  expect(refused.errors?.[0]?.extensions?.['retryAfterSeconds']).toBeGreaterThan(3000);
  // Versions go on from the last one that was saved.
  expect(JSON.stringify((await save(4, { markdown: 'c' })).data)).toContain('"VERSION_CONFLICT"');
});

test('imports have a quota of their own', async () => {
  const admin = aPerson('admin');
  for (const importedFrom of ['1', '2', '1']) await strict.as(admin).data(CREATE_POST, post({ importedFrom }));
  expect(codeOf(await strict.as(admin).run(CREATE_POST, post({ importedFrom: '3' })))).toBe('RATE_LIMITED');
  expect(codeOf(await strict.as(admin).run(CREATE_POST, post()))).toBeUndefined();
});

test('communities are limited per day', async () => {
  const owner = aPerson();
  await act(strict, owner, CREATE_COMMUNITY, { name: 'first-of-one' });
  expect(codeOf(await strict.as(owner).run(CREATE_COMMUNITY, { input: { name: 'second-of-one' } }))).toBe(
    'RATE_LIMITED',
  );
});
