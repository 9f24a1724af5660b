import type { SubgraphRequest, SubgraphResponse } from 'kit/request';
import { anonymous, userViewer, type Viewer } from 'kit/viewer';
import { createForwarding } from '../forwarding.ts';
import { createContext, type RequestContext } from './context.ts';
import { shareFetches } from './shared-fetch.ts';

const as = (viewer: Viewer, address = '192.0.2.1'): RequestContext =>
  createContext(viewer, 'request-0001', { address, userAgent: 'test' });
const jane = as(userViewer('user_jane', 'user', 'session_1'));

/** A subgraph that answers when told to, each time with another object. */
function gatedSubgraph() {
  const asked: { request: SubgraphRequest; answer: (response: SubgraphResponse) => void }[] = [];
  const fetch = shareFetches(
    (_service, request) => new Promise((answer) => asked.push({ request, answer })),
    ({ emitted }) => emitted.length > 0,
    createForwarding(['x-tenant']),
  );
  const answerAll = (): void => asked.forEach(({ answer }, index) => answer({ data: { book: { number: index } } }));
  return { asked, fetch, answerAll };
}

const BOOK = { query: '{book{number}}', variables: { id: '1' } };

test('the same question of the same viewer is asked once, and each gets an answer of its own', async () => {
  const { asked, fetch, answerAll } = gatedSubgraph();
  const answers = [fetch('library', BOOK, jane), fetch('library', { ...BOOK }, jane), fetch('library', BOOK, jane)];
  expect(asked).toHaveLength(1);
  answerAll();
  const [first, second, third] = (await Promise.all(answers)) as { data: { book: Record<string, unknown> } }[];
  expect([first?.data, second?.data, third?.data]).toEqual(Array(3).fill({ book: { number: 0 } }));
  if (first) first.data.book['more'] = true;
  expect(second?.data).toEqual({ book: { number: 0 } });
  expect(third?.data).toEqual({ book: { number: 0 } });
});

test('what has been answered is asked again', async () => {
  const { asked, fetch, answerAll } = gatedSubgraph();
  const first = fetch('library', BOOK, jane);
  answerAll();
  await first;
  void fetch('library', BOOK, jane);
  expect(asked).toHaveLength(2);
});

test.each<[string, string, SubgraphRequest, RequestContext]>([
  ['another viewer', 'library', BOOK, as(userViewer('user_joe', 'user', 'session_2'))],
  ['another session of the same person', 'library', BOOK, as(userViewer('user_jane', 'user', 'session_2'))],
  ['the same session in another role', 'library', BOOK, as(userViewer('user_jane', 'admin', 'session_1'))],
  [
    'a key with narrower scopes',
    'library',
    BOOK,
    as({ ...userViewer('user_jane', 'user', 'session_1'), scopes: ['read'] }),
  ],
  ['nobody', 'library', BOOK, as(anonymous)],
  ['another subgraph', 'people', BOOK, jane],
  ['other variables', 'library', { ...BOOK, variables: { id: 1 } }, jane],
  ['another document', 'library', { ...BOOK, query: '{book{title}}' }, jane],
])('%s is asked for by itself', (_what, service, request, context) => {
  const { asked, fetch } = gatedSubgraph();
  void fetch('library', BOOK, jane);
  void fetch(service, request, context);
  expect(asked).toHaveLength(2);
});

test('strangers share by address alone', () => {
  const { asked, fetch } = gatedSubgraph();
  void fetch('library', BOOK, as(anonymous));
  void fetch('library', BOOK, as(anonymous));
  void fetch('library', BOOK, as(anonymous, '192.0.2.2'));
  expect(asked).toHaveLength(2);
});

test('mutations, live questions and those who have just written share nothing', () => {
  const { asked, fetch } = gatedSubgraph();
  const writer = as(userViewer('user_jane', 'user', 'session_1'));
  writer.emitted.push({ id: 'event_1', type: 'book.renamed' });
  const mutation = { query: 'mutation{renameBook{number}}' };
  const live: SubgraphRequest = { ...BOOK, live: 'subscribe' };
  for (const [request, context] of [
    [mutation, jane],
    [live, jane],
    [BOOK, writer],
  ] as const) {
    void fetch('library', request, context);
    void fetch('library', request, context);
  }
  expect(asked).toHaveLength(6);
});

test('whoever subgraphs are told different headers of is somebody else to them', async () => {
  const { asked, fetch } = gatedSubgraph();
  const from = (headers: Record<string, string>): RequestContext =>
    createContext(jane.viewer, 'request-0001', jane.client, headers);
  for (const tenant of ['a', 'b', 'a']) void fetch('library', BOOK, from({ 'x-tenant': tenant, 'x-other': 'c' }));
  void fetch('library', BOOK, from({ 'x-tenant': 'a', 'x-other': 'd' }));
  void fetch('library', BOOK, jane);
  expect(asked).toHaveLength(3);
});

test('a fetch that fails fails for all who wait, and is asked anew', async () => {
  let asked = 0;
  const fetch = shareFetches(
    () => Promise.reject(new Error(`failure ${++asked}`)),
    () => false,
    createForwarding([]),
  );
  const both = await Promise.allSettled([fetch('library', BOOK, jane), fetch('library', BOOK, jane)]);
  for (const outcome of both) expect(outcome).toMatchObject({ reason: { message: 'failure 1' } });
  await expect(fetch('library', BOOK, jane)).rejects.toThrow('failure 2');
});

test('an answer too deep to be copied is the first asker’s alone', async () => {
  const deep: Record<string, unknown> = {};
  for (let level = 0, at = deep; level < 100_000; level++) at = at['a'] = {};
  const fetch = shareFetches(
    () => Promise.resolve({ data: deep }),
    () => false,
    createForwarding([]),
  );
  const [first, second] = await Promise.allSettled([fetch('library', BOOK, jane), fetch('library', BOOK, jane)]);
  expect([first.status, second.status]).toEqual(['fulfilled', 'rejected']);
});

test('whoever writes joins nothing that was asked for before, from the start of it to after its end', () => {
  const { asked, fetch } = gatedSubgraph();
  const other = as(userViewer('user_joe', 'user', 'session_2'));
  void fetch('library', BOOK, jane);
  void fetch('library', BOOK, other);
  void fetch('library', { query: 'mutation{renameBook{number}}' }, jane);
  void fetch('library', BOOK, jane);
  expect(asked).toHaveLength(4);
  void fetch('library', BOOK, other);
  expect(asked).toHaveLength(4);
});

test('nor with other headers than they have written with', () => {
  const { asked, fetch } = gatedSubgraph();
  const from = (tenant: string): RequestContext =>
    createContext(jane.viewer, 'request-0001', jane.client, { 'x-tenant': tenant });
  void fetch('library', BOOK, from('a'));
  void fetch('library', { query: 'mutation{renameBook{number}}' }, from('b'));
  void fetch('library', BOOK, from('a'));
  expect(asked).toHaveLength(3);
});

test('keys of one person share nothing, nor do the same before and after they have proved who they are', () => {
  const { asked, fetch } = gatedSubgraph();
  const jane = userViewer('user_jane');
  for (const viewer of [
    jane,
    { ...jane, keyId: 'key_1' },
    { ...jane, keyId: 'key_2' },
    { ...jane, isUnverified: true },
  ]) {
    void fetch('library', BOOK, as(viewer));
  }
  expect(asked).toHaveLength(4);
});
