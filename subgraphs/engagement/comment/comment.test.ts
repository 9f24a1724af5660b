import { sql } from 'kit/database';
import { newId, toUuid } from 'kit/ids';
import { testSubgraph } from 'kit/testing/subgraph';
import {
  ADD,
  addComment,
  aPerson,
  codesOf,
  eventsAbout,
  givenComment,
  givenCommunity,
  givenPost,
  type Payload,
} from '../engagement.testing.ts';
import { engagement } from '../subgraph.ts';

const graph = testSubgraph(engagement);

const EDIT = `mutation ($input: EditCommentInput!) {
  editComment(input: $input) { comment { html markdown editedAt } userErrors { code field message } }
}`;
const DELETE = `mutation ($input: DeleteCommentInput!) {
  deleteComment(input: $input) { comment { isDeleted html markdown author { id } } userErrors { code field message } }
}`;
const SHOW = `query ($id: ID!) {
  comment(id: $id) {
    id html markdown depth isDeleted repliesCount editedAt author { id } post { id counts { comments } }
    counts { up down score } viewerVote replies { edges { node { id } } }
  }
}`;
type Shown = Record<string, unknown>;
const shown = async (viewer: ReturnType<typeof aPerson>, id: string): Promise<Shown> =>
  (await graph.as(viewer).data<{ comment: Shown }>(SHOW, { id })).comment;

describe('adding', () => {
  test('a comment answers a post, another answers it', async () => {
    const [author, other, postId] = [aPerson(), aPerson(), await givenPost(graph)];
    const first = await givenComment(graph.as(author), postId, { markdown: 'Well **done**' });
    const second = await givenComment(graph.as(other), postId, { parentId: first, markdown: 'Indeed' });
    expect(await shown(author, first)).toEqual({
      id: first,
      html: '<p>Well <strong>done</strong></p>',
      markdown: 'Well **done**',
      depth: 1,
      isDeleted: false,
      repliesCount: 1,
      editedAt: null,
      author: { id: author.userId },
      post: { id: postId, counts: { comments: 2 } },
      counts: { up: 0, down: 0, score: 0 },
      viewerVote: null,
      replies: { edges: [{ node: { id: second } }] },
    });
    expect(await shown(author, second)).toMatchObject({ depth: 2, markdown: null, html: '<p>Indeed</p>' });
    expect(await shown(aPerson('admin'), second)).toMatchObject({ markdown: 'Indeed' });
  });

  test('others are told of it, followers of the post too', async () => {
    const [author, postId] = [aPerson(), await givenPost(graph)];
    const id = await givenComment(graph.as(author), postId, { markdown: 'Some `code` here' });
    const [saved, added, ...more] = await eventsAbout(graph, id);
    expect(saved).toEqual({
      type: 'comment.saved',
      payload: {
        commentId: id,
        postId,
        parentId: null,
        authorId: author.userId,
        text: 'Some code here',
        createdAt: expect.any(String) as string,
        version: 1,
      },
    });
    expect(added).toEqual({ type: 'comment.added', payload: { commentId: id, postId } });
    expect(more).toEqual([]);
    expect(await eventsAbout(graph, postId)).toEqual([
      { type: 'post.counted', payload: { postId, up: 0, down: 0, score: 0, comments: 1, bookmarks: 0 } },
    ]);
  });

  test('threads are ten deep at most', async () => {
    const [me, postId] = [graph.as(aPerson()), await givenPost(graph)];
    let parentId: string | null = null;
    for (let depth = 1; depth <= 10; depth++) {
      const { comment } = await addComment(me, { postId, parentId });
      expect(comment).toMatchObject({ depth, parent: parentId === null ? null : { id: parentId } });
      parentId = comment?.id ?? null;
    }
    const { comment, userErrors } = await addComment(me, { postId, parentId });
    expect(comment).toBeNull();
    expect(userErrors).toMatchObject([{ code: 'TOO_DEEP', field: ['parentId'] }]);
    expect(await graph.rows(sql`select 1 from comment where post_id = ${toUuid(postId)}`)).toHaveLength(10);
  });

  test('a parent is a comment on the same post that still has its words', async () => {
    const me = graph.as(aPerson());
    const [postId, elsewhere] = [await givenPost(graph), await givenPost(graph)];
    const foreign = await givenComment(me, elsewhere);
    expect((await addComment(me, { postId, parentId: foreign })).userErrors).toMatchObject([
      { code: 'NOT_FOUND', field: ['parentId'] },
    ]);
    expect((await addComment(me, { postId, parentId: newId('comment') })).userErrors).toMatchObject([
      { code: 'NOT_FOUND' },
    ]);
    await me.data(DELETE, { input: { id: foreign } });
    expect((await addComment(me, { postId: elsewhere, parentId: foreign })).userErrors).toMatchObject([
      { code: 'CONFLICT' },
    ]);
  });

  test('only published posts are answered', async () => {
    const author = aPerson();
    const postId = await givenPost(graph, { author, status: 'DRAFT' });
    expect((await addComment(graph.as(author), { postId })).userErrors).toMatchObject([
      { code: 'CONFLICT', field: ['postId'] },
    ]);
    expect((await addComment(graph.as(aPerson()), { postId })).userErrors).toMatchObject([
      { code: 'NOT_FOUND', field: ['postId'] },
    ]);
  });

  test('one has to sign in', async () => {
    const input = { postId: await givenPost(graph), markdown: 'x' };
    expect(await codesOf(graph.anonymously, ADD, { input })).toEqual(['UNAUTHENTICATED']);
  });

  test.each([
    ['an unknown post', { postId: newId('post') }, 'NOT_FOUND', 'postId'],
    ['another thing’s id', { postId: newId('user') }, 'WRONG_ID_TYPE', 'postId'],
    ['no id', { postId: 'nonsense' }, 'INVALID_ID', 'postId'],
    ['an empty id', { postId: '' }, 'INVALID_ID', 'postId'],
    ['a post as parent', { parentId: newId('post') }, 'WRONG_ID_TYPE', 'parentId'],
    ['no words', { markdown: ' \n\t ' }, 'BAD_USER_INPUT', 'markdown'],
    ['words that do not show', { markdown: '[a]: https://example.org' }, 'BAD_USER_INPUT', 'markdown'],
    ['too many words', { markdown: 'é'.repeat(10_001) }, 'BAD_USER_INPUT', 'markdown'],
    ['megabytes', { markdown: 'a'.repeat(3_000_000) }, 'BAD_USER_INPUT', 'markdown'],
    ['too much indentation', { markdown: `${' '.repeat(200_000)}a` }, 'BAD_USER_INPUT', 'markdown'],
    ['NUL', { markdown: 'a\0b' }, 'BAD_USER_INPUT', 'markdown'],
    ['an escape', { markdown: 'a\u001b[31mb' }, 'BAD_USER_INPUT', 'markdown'],
    ['half a character', { markdown: 'a\ud83db' }, 'BAD_USER_INPUT', 'markdown'],
    ['an empty key', { idempotencyKey: '' }, 'BAD_USER_INPUT', 'idempotencyKey'],
    ['a long key', { idempotencyKey: 'k'.repeat(201) }, 'BAD_USER_INPUT', 'idempotencyKey'],
  ])('%s is refused', async (_, input, code, field) => {
    const postId = await givenPost(graph);
    const { comment, userErrors } = await addComment(graph.as(aPerson()), { postId, ...input });
    expect(comment).toBeNull();
    expect(userErrors).toMatchObject([{ code, field: [field] }]);
  });

  test('the longest text is kept whole, in any script', async () => {
    const [me, postId] = [aPerson(), await givenPost(graph)];
    const markdown = '🙂'.repeat(10_000);
    expect(await shown(me, await givenComment(graph.as(me), postId, { markdown }))).toMatchObject({ markdown });
  });

  test('indentation survives, as code needs it', async () => {
    const [me, postId] = [graph.as(aPerson()), await givenPost(graph)];
    const { comment } = await addComment(me, { postId, markdown: '\n    let x;\n' });
    expect(comment?.html).toMatch(/^<pre><code>let x;/);
  });

  test('space of other kinds before and after it is not kept', async () => {
    const [me, postId] = [aPerson(), await givenPost(graph)];
    const markdown = `\ufeff${'\u3000'.repeat(20_000)}\f\n  a${'\u2028'.repeat(20_000)}`;
    const id = await givenComment(graph.as(me), postId, { markdown });
    expect(await shown(me, id)).toMatchObject({ markdown: '  a' });
  });
});

describe('with a key', () => {
  test('ten at once with the same key are one', async () => {
    const [me, postId] = [graph.as(aPerson()), await givenPost(graph)];
    const input = { postId, idempotencyKey: 'once' };
    const answers = await Promise.all(Array.from({ length: 10 }, () => addComment(me, input)));
    expect(new Set(answers.map(({ comment }) => comment?.id)).size).toBe(1);
    expect(await graph.rows(sql`select 1 from comment where post_id = ${toUuid(postId)}`)).toHaveLength(1);
    expect(await eventsAbout(graph, postId)).toHaveLength(1);
  });

  test('the same key with other words is refused, and another person’s key is another', async () => {
    const [me, postId] = [graph.as(aPerson()), await givenPost(graph)];
    const first = await givenComment(me, postId, { idempotencyKey: 'k' });
    const again = await addComment(me, { postId, markdown: 'other words', idempotencyKey: 'k' });
    expect(again.userErrors).toMatchObject([{ code: 'IDEMPOTENCY_KEY_REUSED' }]);
    expect(await givenComment(graph.as(aPerson()), postId, { idempotencyKey: 'k' })).not.toBe(first);
  });

  test('a refusal keeps no key', async () => {
    const [me, postId] = [graph.as(aPerson()), await givenPost(graph)];
    const parentId = newId('comment');
    await addComment(me, { postId, parentId, idempotencyKey: 'k' });
    expect((await addComment(me, { postId, idempotencyKey: 'k' })).comment).not.toBeNull();
  });
});

describe('editing', () => {
  test('the author changes the words; the mark says so', async () => {
    const [author, postId] = [aPerson(), await givenPost(graph)];
    const id = await givenComment(graph.as(author), postId);
    const { editComment } = await graph
      .as(author)
      .data<{ editComment: Payload<Shown> }>(EDIT, { input: { id, markdown: '*better*' } });
    expect(editComment.comment).toEqual({
      html: '<p><em>better</em></p>',
      markdown: '*better*',
      editedAt: expect.any(String) as string,
    });
    const events = await eventsAbout(graph, id);
    expect(events.map(({ type }) => type)).toEqual(['comment.saved', 'comment.added', 'comment.saved']);
    expect(events.at(-1)?.payload).toMatchObject({ text: 'better', version: 2 });
  });

  test('the same words again are no edit', async () => {
    const [author, postId] = [aPerson(), await givenPost(graph)];
    const id = await givenComment(graph.as(author), postId, { markdown: 'same' });
    await graph.as(author).data(EDIT, { input: { id, markdown: 'same' } });
    expect(await shown(author, id)).toMatchObject({ editedAt: null });
    expect(await eventsAbout(graph, id)).toHaveLength(2);
  });

  test('two edits at once are both counted, and one of them stands', async () => {
    const [author, postId] = [aPerson(), await givenPost(graph)];
    const id = await givenComment(graph.as(author), postId);
    await Promise.all(['one', 'two'].map((markdown) => graph.as(author).data(EDIT, { input: { id, markdown } })));
    const versions = (await eventsAbout(graph, id))
      .filter(({ type }) => type === 'comment.saved')
      .map(({ payload }) => payload['version']);
    expect(versions).toEqual([1, 2, 3]);
  });

  test('nobody else does', async () => {
    const postId = await givenPost(graph);
    const id = await givenComment(graph.as(aPerson()), postId);
    const input = { id, markdown: 'x' };
    for (const role of ['user', 'moderator', 'admin'])
      expect(await codesOf(graph.as(aPerson(role)), EDIT, { input })).toEqual(['FORBIDDEN']);
    expect(await codesOf(graph.anonymously, EDIT, { input })).toEqual(['UNAUTHENTICATED']);
  });

  test.each([
    [newId('comment'), 'NOT_FOUND'],
    [newId('post'), 'WRONG_ID_TYPE'],
    ['', 'INVALID_ID'],
  ])('%s is no comment of theirs', async (id, code) => {
    const { editComment } = await graph
      .as(aPerson())
      .data<{ editComment: Payload<Shown> }>(EDIT, { input: { id, markdown: 'x' } });
    expect(editComment.userErrors).toMatchObject([{ code, field: ['id'] }]);
  });
});

describe('deleting', () => {
  test('takes the words and the author, and keeps the thread', async () => {
    const [author, other, postId] = [aPerson(), aPerson(), await givenPost(graph)];
    const id = await givenComment(graph.as(author), postId, { markdown: 'regretted' });
    const reply = await givenComment(graph.as(other), postId, { parentId: id });
    const { deleteComment } = await graph.as(author).data<{ deleteComment: Payload<Shown> }>(DELETE, { input: { id } });
    expect(deleteComment).toEqual({
      comment: { isDeleted: true, html: null, markdown: null, author: null },
      userErrors: [],
    });
    for (const viewer of [author, other, aPerson('admin')]) {
      expect(await shown(viewer, id)).toMatchObject({
        isDeleted: true,
        html: null,
        markdown: null,
        author: null,
        repliesCount: 1,
        replies: { edges: [{ node: { id: reply } }] },
        post: { counts: { comments: 1 } },
      });
    }
    expect(await graph.rows(sql`select markdown, html from comment where id = ${toUuid(id)}`)).toEqual([
      { markdown: null, html: null },
    ]);
    expect((await eventsAbout(graph, id)).at(-1)).toEqual({
      type: 'comment.deleted',
      payload: { commentId: id, postId },
    });
  });

  test('ten times at once is once', async () => {
    const [author, postId] = [aPerson(), await givenPost(graph)];
    const id = await givenComment(graph.as(author), postId);
    await Promise.all(Array.from({ length: 10 }, () => graph.as(author).data(DELETE, { input: { id } })));
    expect(await shown(author, id)).toMatchObject({ post: { counts: { comments: 0 } } });
    expect((await eventsAbout(graph, id)).filter(({ type }) => type === 'comment.deleted')).toHaveLength(1);
    const { editComment } = await graph
      .as(author)
      .data<{ editComment: Payload<Shown> }>(EDIT, { input: { id, markdown: 'x' } });
    expect(editComment.userErrors).toMatchObject([{ code: 'CONFLICT', field: ['id'] }]);
  });

  test('is for the author, the community’s moderators and the site’s', async () => {
    const [member, moderator, author] = [aPerson(), aPerson(), aPerson()];
    const communityId = await givenCommunity(graph, {
      members: [member, author],
      moderators: [moderator],
      isPrivate: false,
    });
    const foreignModerator = aPerson();
    await givenCommunity(graph, { moderators: [foreignModerator] });
    const postId = await givenPost(graph, { communityId });
    for (const [viewer, isAllowed] of [
      [author, true],
      [moderator, true],
      [aPerson('moderator'), true],
      [aPerson('admin'), true],
      [member, false],
      [foreignModerator, false],
      [aPerson(), false],
    ] as const) {
      const id = await givenComment(graph.as(author), postId);
      expect(await codesOf(graph.as(viewer), DELETE, { input: { id } })).toEqual(isAllowed ? [] : ['FORBIDDEN']);
      expect(await shown(author, id)).toMatchObject({ isDeleted: isAllowed });
    }
  });
});

describe('a private community’s comments', () => {
  test('do not exist for others, by any door', async () => {
    const [member, stranger] = [aPerson(), aPerson()];
    const communityId = await givenCommunity(graph, { members: [member] });
    const postId = await givenPost(graph, { communityId });
    const id = await givenComment(graph.as(member), postId);
    const selection = 'id html repliesCount author { id } post { id }';
    expect(await graph.as(member).entity('Comment', id, selection)).toMatchObject({
      id,
      author: { id: member.userId },
    });
    for (const asking of [graph.as(stranger), graph.anonymously, graph.as(aPerson('moderator'))]) {
      expect(await asking.entity('Comment', id, selection)).toBeNull();
      expect(await asking.data(`query ($id: ID!) { comment(id: $id) { id } }`, { id })).toEqual({ comment: null });
      expect(
        await codesOf(asking, `query ($id: ID!) { comments(postId: $id) { pageInfo { endCursor } } }`, { id: postId }),
      ).toEqual(['NOT_FOUND']);
      expect(
        await codesOf(
          asking,
          `query ($id: ID!, $p: ID!) { comments(postId: $p, parentId: $id) { edges { cursor } } }`,
          { id, p: postId },
        ),
      ).toEqual(['NOT_FOUND']);
    }
    const asStranger = graph.as(stranger);
    expect((await addComment(asStranger, { postId })).userErrors).toMatchObject([{ code: 'NOT_FOUND' }]);
    // A public post is no way to find out that the comment exists.
    const elsewhere = await givenPost(graph);
    const known = (await addComment(asStranger, { postId: elsewhere, parentId: id })).userErrors;
    const unknown = (await addComment(asStranger, { postId: elsewhere, parentId: newId('comment') })).userErrors;
    expect(known).toEqual(unknown);
    for (const document of [EDIT, DELETE]) {
      const input = document === EDIT ? { id, markdown: 'x' } : { id };
      const data = await asStranger.data<Record<string, Payload<Shown>>>(document, { input });
      expect(Object.values(data)[0]?.userErrors).toMatchObject([{ code: 'NOT_FOUND' }]);
    }
    await graph.deliver('content', 'member.left', { communityId, userId: member.userId });
    expect(await graph.as(member).entity('Comment', id, selection)).toBeNull();
  });

  test('go with a deleted post', async () => {
    const [author, postId] = [aPerson(), await givenPost(graph)];
    const id = await givenComment(graph.as(author), postId);
    await graph.deliver('content', 'post.deleted', { postId, authorId: newId('user'), communityId: null });
    expect(await graph.as(author).entity('Comment', id)).toBeNull();
    expect((await addComment(graph.as(author), { postId })).userErrors).toMatchObject([{ code: 'NOT_FOUND' }]);
  });
});

test('Query.node finds a comment by its second key, for those who may see it', async () => {
  const member = aPerson();
  const postId = await givenPost(graph, { communityId: await givenCommunity(graph, { members: [member] }) });
  const id = await givenComment(graph.as(member), postId);
  const query = `query ($r: [_Any!]!) { _entities(representations: $r) { ... on Comment { id nodeId } } }`;
  const variables = { r: [{ __typename: 'Comment', nodeId: id }] };
  expect(await graph.as(member).data(query, variables)).toEqual({ _entities: [{ id, nodeId: id }] });
  expect(await graph.anonymously.data(query, variables)).toEqual({ _entities: [null] });
});

test.each([
  ['post_', 'INVALID_ID'],
  [newId('post'), 'WRONG_ID_TYPE'],
])('Query.comment names what is wrong with %s', async (id, code) => {
  expect(await codesOf(graph.anonymously, SHOW, { id })).toEqual([code]);
});
