import { Client } from 'pg';
import type { RunningSubgraph } from 'kit/running';
import { systemViewer } from 'kit/viewer';
import { tendDeletions } from '../subgraphs/users/deletion/deletion.saga.actions.ts';
import { deleteIndexes, enginesFor } from '../subgraphs/search/search/engine/engines.testing.ts';
import { startInProcess } from '../local/in-process.ts';
import { freePort } from '../local/port.ts';
import { aPerson, databasesOf, eventually, type Frontend, PASSWORD, publish } from './setup/client.ts';
import { prepareStores } from './setup/graph.ts';

export type Row = Readonly<Record<string, unknown>>;

/** Search is on Elasticsearch where this run has one: from there, too, what is erased must go. */
const [, onElasticsearch] = enginesFor('rights')[1] ?? [];

/** A graph whose time can be told to pass. */
export interface RightsGraph {
  readonly url: string;
  readonly databaseUrls: Readonly<Record<string, string>>;
  readonly running: readonly RunningSubgraph[];
  readonly rows: <Found = Row>(subgraph: string, text: string, values?: readonly unknown[]) => Promise<Found[]>;
  /** The days to change one's mind are over, and what was due is begun. */
  readonly graceIsOver: (userId: string) => Promise<void>;
  readonly stop: () => Promise<void>;
}

export async function startRightsGraph(overrides: Readonly<Record<string, string>> = {}): Promise<RightsGraph> {
  const stores = await prepareStores();
  const graph = await startInProcess({
    ...stores.environment,
    DELETION_SETTLE_SECONDS: '0',
    ...onElasticsearch,
    ...overrides,
    PORT: String(await freePort()),
  }).catch(async (error: unknown) => {
    await stores.drop();
    throw error;
  });
  databasesOf.set(graph.url, stores.databaseUrls);
  const rows: RightsGraph['rows'] = (subgraph, text, values = []) =>
    rowsIn(stores.databaseUrls[subgraph] ?? '', text, values);
  const users = graph.running.find((one) => one.name === 'users');
  return {
    ...graph,
    databaseUrls: stores.databaseUrls,
    rows,
    graceIsOver: async (userId) => {
      await rows('users', 'update deletion set due_at = now() where user_id = $1', [uuidOf(userId)]);
      if (users) await tendDeletions(users.contextFor(systemViewer));
    },
    stop: async () => {
      await graph.stop();
      await stores.drop();
      await deleteIndexes(onElasticsearch ?? {});
    },
  };
}

export async function rowsIn<Found = Row>(
  url: string,
  text: string,
  values: readonly unknown[] = [],
): Promise<Found[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text, [...values])).rows as Found[];
  } finally {
    await client.end();
  }
}

export { toUuid as uuidOf } from 'kit/ids';
import { toUuid as uuidOf } from 'kit/ids';

/** The text of the newest mail to an address, of those kept for development. */
export const mailTo = (graph: Pick<RightsGraph, 'databaseUrls'>, address: string, about: RegExp): Promise<string> =>
  eventually(
    async () =>
      (
        await rowsIn<{ subject: string; text: string }>(
          graph.databaseUrls['users'] ?? '',
          'select subject, text from mailbox where address = $1 order by kept_at desc',
          [address],
        )
      ).find(({ subject }) => about.test(subject))?.text ?? '',
    (text) => text !== '',
  );

export const addressOf = ({ username }: { username: string }): string => `${username}@example.org`;

export interface Neighbours {
  /** Who writes, votes, follows and is followed: who will go. */
  readonly leaver: Frontend & { username: string };
  readonly other: Frontend & { username: string };
  /** The leaver's post, on which the other has answered, voted and been answered. */
  readonly ownPost: string;
  readonly draft: string;
  /** The other's post, in whose thread the leaver's comment stands between two of the other. */
  readonly othersPost: string;
  readonly comments: { readonly root: string; readonly leavers: string; readonly answer: string };
}

export const words = (name: string, what: string): string => `${name}${what}words`.toLowerCase();

/** Two people who have done with each other whatever can be done. */
export async function neighbours(graph: { readonly url: string }, name: string): Promise<Neighbours> {
  const leaver = await aPerson(graph.url, `${name}leaver`);
  const other = await aPerson(graph.url, `${name}other`);
  const text = (what: string): string => words(name, what);
  await leaver.change('updateProfile', { bio: text('bio') }, 'user { id }');
  const ownPost = (await publish(leaver, `Title ${text('title')}`, `Body ${text('body')}.`)).id;
  const { post: draft } = await leaver.change<{ post: { id: string } }>(
    'createPost',
    { title: `Draft ${text('draft')}`, markdown: text('draftbody') },
    'post { id }',
  );
  await leaver.change(
    'updatePost',
    { id: ownPost, version: 1, markdown: `Body ${text('body')}, and ${text('later')}.`, reason: text('reason') },
    'post { id }',
  );
  const othersPost = (await publish(other, `Other ${name}`, 'A post of somebody who stays.')).id;
  const root = await comment(other, othersPost, 'First words of the thread.');
  const leavers = await comment(leaver, othersPost, `Between ${text('comment')}.`, root);
  const answer = await comment(other, othersPost, 'An answer that stays.', leavers);
  await comment(other, ownPost, 'On a post that may go.');
  for (const targetId of [othersPost, root, answer])
    await leaver.change('vote', { targetId, value: 'UP' }, 'counts { score }');
  for (const targetId of [ownPost, leavers, othersPost])
    await other.change('vote', { targetId, value: 'UP' }, 'counts { score }');
  await leaver.change('bookmarkPost', { postId: othersPost }, 'post { id }');
  await other.change('bookmarkPost', { postId: ownPost }, 'post { id }');
  await leaver.change('followUser', { userId: other.userId }, 'user { id }');
  await other.change('followUser', { userId: leaver.userId }, 'user { id }');
  for (const kind of ['VIEW', 'LIKE']) await leaver.change('trackEvent', { postId: othersPost, kind }, 'accepted');
  await other.change('trackEvent', { postId: othersPost, kind: 'VIEW' }, 'accepted');
  return { leaver, other, ownPost, draft: draft.id, othersPost, comments: { root, leavers, answer } };
}

async function comment(
  author: Frontend,
  postId: string,
  markdown: string,
  parentId: string | null = null,
): Promise<string> {
  const added = await author.change<{ comment: { id: string } }>(
    'addComment',
    { postId, markdown, ...(parentId ? { parentId } : {}) },
    'comment { id }',
  );
  return added.comment.id;
}

export interface Receipt {
  readonly status: string;
  readonly mode: string;
  readonly finishedAt: string | null;
  readonly steps: readonly {
    readonly subgraph: string;
    readonly phase: string;
    readonly counts: readonly { readonly name: string; readonly count: number }[];
  }[];
}

const RECEIPT = `query ($token: String!) { deletionReceipt(token: $token) {
  status mode finishedAt steps { subgraph phase counts { name count } } } }`;

export const receiptOf = async (reader: Frontend, token: string): Promise<Receipt | null> =>
  (await reader.data<{ deletionReceipt: Receipt | null }>(RECEIPT, { token })).deletionReceipt;

/** Asks for the end of an account; answers the word of its receipt. */
export async function leave(person: Frontend, mode: 'ANONYMISE' | 'ERASE'): Promise<string> {
  const { receiptToken } = await person.change<{ receiptToken: string }>(
    'deleteAccount',
    { mode, password: PASSWORD },
    'deletion { id dueAt } receiptToken',
  );
  return receiptToken;
}

/** Lets the days pass and waits for the last step. */
export async function gone(graph: RightsGraph, person: Frontend, reader: Frontend, token: string): Promise<Receipt> {
  await graph.graceIsOver(person.userId ?? '');
  const done = await eventually(
    () => receiptOf(reader, token),
    (receipt) => receipt?.status === 'DONE',
    40_000,
  );
  if (!done) throw new Error('no receipt');
  return done;
}

export const countIn = (receipt: Receipt, subgraph: string, name: string): number =>
  receipt.steps
    .filter((step) => step.subgraph === subgraph && step.phase === 'ERASE')
    .flatMap((step) => step.counts)
    .find((one) => one.name === name)?.count ?? 0;
