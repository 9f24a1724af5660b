import { randomBytes } from 'node:crypto';
import type { TestMailServer } from '../subgraphs/users/mail/smtp.testing.ts';
import type { SpokenGraph } from './erasure.canary.testing.ts';
import { rowsIn, uuidOf } from './erasure.testing.ts';
import { aPerson, eventually, Frontend, PASSWORD, publish, signIn } from './setup/client.ts';

/** Letters that look like no others and that no stemmer takes off: it stays whole in a name, a slug, a tag and an index. */
export const MARK = `zq${[...randomBytes(6)].map((byte) => 'bfhjkptz'[byte % 8]).join('')}x`;
export const word = (what: string): string => `${MARK}${what}7`;

/** Where it is planted. */
export interface Ground {
  readonly graph: SpokenGraph;
  readonly mails: TestMailServer;
}

export const rowsOf =
  ({ databaseUrls }: Pick<SpokenGraph, 'databaseUrls'>) =>
  (subgraph: string, text: string, values: readonly unknown[] = []) =>
    rowsIn(databaseUrls[subgraph] ?? '', text, values);

export interface Leaver {
  readonly person: Frontend;
  readonly username: string;
  readonly posts: readonly string[];
}

/** A person with a word of their own in whatever can be written, by whatever leads there. */
export async function plant({ graph, mails }: Ground, other: Frontend): Promise<Leaver> {
  const username = `${MARK}name`;
  const address = `${MARK}mail@example.org`;
  const visitor = new Frontend(graph.url);
  await visitor.change('register', { username, email: address, password: PASSWORD, name: word('shown') }, '');
  const sent = await eventually(
    async () => mails.to(address)[0]?.raw ?? '',
    (text) => text !== '',
  );
  await visitor.change('verifyEmail', { token: /#token=3?D?([\w-]{43})/.exec(sent)?.[1] }, '');
  // By hand, for the sake of the user agent.
  await fetch(graph.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'user-agent': `${word('agent')}/1.0` },
    body: JSON.stringify({
      query: 'mutation ($input: LoginInput!) { login(input: $input) { accessToken } }',
      variables: { input: { identifier: username, password: PASSWORD } },
    }),
  });
  const person = await signIn(graph.url, username);
  await person.change('updateProfile', { bio: word('bio') }, 'user { id }');
  await person.change('createApiKey', { name: word('key'), scopes: ['posts:read'] }, 'apiKey { id }');
  await person.change('changeEmail', { newEmail: `${word('newmail')}@example.org`, password: PASSWORD }, '');
  await person.change(
    'createCommunity',
    { name: word('Club'), description: word('about'), rules: word('rules') },
    'community { id }',
  );
  const { post } = await person.change<{ post: { id: string } }>(
    'createPost',
    { title: word('title'), markdown: word('body'), tags: [word('tag')] },
    'post { id }',
  );
  await person.change(
    'updatePost',
    { id: post.id, version: 1, title: word('newtitle'), markdown: word('newbody'), reason: word('reason') },
    'post { id }',
  );
  await person.change('publishPost', { id: post.id }, 'post { id }');
  const { post: draft } = await person.change<{ post: { id: string } }>(
    'createPost',
    { title: word('draft'), markdown: word('draftbody'), idempotencyKey: word('once') },
    'post { id }',
  );
  const { post: deleted } = await person.change<{ post: { id: string } }>(
    'createPost',
    { title: word('deleted'), markdown: word('deletedbody') },
    'post { id }',
  );
  await person.change('deletePost', { id: deleted.id }, '');
  const othersPost = (await publish(other, 'Somebody else', 'Stays.')).id;
  await eventually(
    async () =>
      (await person.ask<{ post: { counts: object | null } }>(`{ post(id: "${othersPost}") { counts { up } } }`)).data,
    (data) => data?.post.counts != null,
  );
  for (const markdown of [word('comment'), word('gonecomment')]) {
    const { comment } = await person.change<{ comment: { id: string } }>(
      'addComment',
      { postId: othersPost, markdown },
      'comment { id }',
    );
    if (markdown === word('gonecomment')) await person.change('deleteComment', { id: comment.id }, 'comment { id }');
  }
  await person.change('vote', { targetId: othersPost, value: 'UP' }, 'counts { up }');
  await person.change('bookmarkPost', { postId: othersPost }, 'post { id }');
  await person.change('followUser', { userId: other.userId }, 'user { id }');
  await other.change('followUser', { userId: person.userId }, 'user { id }');
  const third = await aPerson(graph.url, 'blocked');
  await person.change('blockUser', { userId: third.userId }, '');
  await third.change('muteUser', { userId: person.userId }, '').catch(() => undefined);
  await eventually(
    () => rowsOf(graph)('insights', 'select 1 from post_access where post_id = $1', [uuidOf(othersPost)]),
    (found) => found.length === 1,
  );
  await person.change('trackEvent', { postId: othersPost, kind: 'VIEW' }, 'accepted');
  await person.change('requestDataExport', {}, 'dataExport { id }');
  await plantBySql(graph, person, post.id);
  return { person, username, posts: [post.id, draft.id, deleted.id] };
}

/** Where only accidents lead: events that failed, jobs that ended, imports of an administrator who is none any more. */
async function plantBySql(graph: SpokenGraph, person: Frontend, postId: string): Promise<void> {
  const rows = rowsOf(graph);
  const [id, uuid] = [person.userId ?? '', uuidOf(person.userId ?? '')];
  const json = JSON.stringify({ userId: id, text: word('accident') });
  for (const subgraph of Object.keys(graph.databaseUrls)) {
    await rows(
      subgraph,
      `insert into dead_letter (event_id, producer, envelope, error, attempts)
       values (gen_random_uuid(), 'planted', $1, $2, 5)`,
      [json, word('error')],
    );
    await rows(
      subgraph,
      `insert into job.job (name, state, data, output) select name, 'completed', $1, $1 from job.queue limit 1`,
      [json],
    );
    await rows(
      subgraph,
      `insert into outbox (id, type, version, aggregate_id, payload, actor_id, request_id, sent_at, awaiting)
       values (gen_random_uuid(), 'planted', 1, $1, $2, $1, $3, now(), '{}')`,
      [id, json, word('request')],
    );
    await rows(
      subgraph,
      `insert into idempotency (actor_id, operation, key, request_hash, answer) values ($1, 'planted', $2, $3, $4)`,
      [id, word('key'), word('hash'), json],
    );
  }
  await rows('content', `update post set imported_from = $1 where id = $2`, [word('origin'), uuidOf(postId)]);
  await rows('content', `insert into post_import (author_id, imported_from, post_id) values ($1, $2, $3)`, [
    uuid,
    word('origin'),
    uuidOf(postId),
  ]);
  await rows('users', `insert into suspension (user_id, until, reason) values ($1, now(), $2)`, [
    uuid,
    word('suspended'),
  ]);
  for (const table of ['session', 'sign_in']) {
    await rows('users', `update ${table} set address = $1, place = $2 where user_id = $3`, [
      word('address'),
      json,
      uuid,
    ]);
  }
  await rows('users', `update sign_in set network = $1 where user_id = $2`, [word('network'), uuid]);
  await rows(
    'users',
    `insert into token (hash, purpose, user_id, data, expires_at) values ($1, 'planted', $2, $3, now())`,
    [randomBytes(32), uuid, json],
  );
}
