import { type Canary, word } from './canaries.ts';
import type { Instance, Person } from './people.ts';

export type Place = Exclude<Instance, 'draft'>;
export type UserIds = Readonly<Record<Exclude<Person, 'anonymous'>, string>>;

/** Runs a mutation that must succeed, as this person, and answers its payload. */
export type Change = <Payload = Record<string, unknown>>(
  person: Person,
  mutation: string,
  input: object,
  selection?: string,
) => Promise<Payload>;

/** What the matrix is asked about. */
export interface Things {
  readonly communities: Readonly<Record<Place, { readonly id: string; readonly name: string }>>;
  readonly posts: Readonly<Record<Instance, { readonly id: string; readonly title: string }>>;
  /** On each post a thread by the member, and the author's edited answer to it: the comment that is asked for. */
  readonly threads: Readonly<Record<Place, string>>;
  readonly comments: Readonly<Record<Place, string>>;
  /** The member's post, about the same, with a comment of the author's: nothing but that is behind the author's block. */
  readonly others: { readonly post: string; readonly comment: string };
}

/** Communities, posts and comments of every kind of visibility, and what everybody does with those they see. */
export async function populate(change: Change, userIds: UserIds): Promise<Things> {
  const communities = {
    public: await aCommunity(change, userIds, 'public'),
    private: await aCommunity(change, userIds, 'private'),
  };
  const othersPost = await anothersPost(change, communities.public.id);
  const posts = {
    public: await aPost(change, 'public', communities.public.id),
    private: await aPost(change, 'private', communities.private.id),
    draft: await aPost(change, 'draft', communities.private.id),
  };
  await aDeletedPost(change);
  const [open, closed] = [
    await aThread(change, 'public', posts.public.id),
    await aThread(change, 'private', posts.private.id),
  ];
  const threads = { public: open.thread, private: closed.thread };
  const comments = { public: open.comment, private: closed.comment };
  const others = { post: othersPost, comment: await say(change, 'author', othersPost, word('elsewhereText')) };
  for (const person of ['stranger', 'founder', 'blocked', 'member', 'moderator', 'siteModerator', 'admin'] as const) {
    await change(person, 'followUser', { userId: userIds.author });
  }
  await change('author', 'followUser', { userId: userIds.founder });
  for (const person of ['stranger', 'siteModerator', 'author', 'blocked', 'member', 'moderator', 'admin'] as const) {
    await change(person, 'bookmarkPost', { postId: others.post });
    await change(person, 'vote', { targetId: others.post, value: 'UP' });
    for (const place of person === 'stranger' || person === 'siteModerator'
      ? (['public'] as const)
      : (['public', 'private'] as const)) {
      await change(person, 'vote', { targetId: posts[place].id, value: 'UP' });
      await change(person, 'vote', { targetId: comments[place], value: 'DOWN' });
      await change(person, 'bookmarkPost', { postId: posts[place].id });
      await change(person, 'trackEvent', { postId: posts[place].id, kind: 'VIEW' });
    }
  }
  await change('anonymous', 'trackEvent', { postId: posts.public.id, kind: 'VIEW' });
  // The last thing that happens: until now they were a member like others.
  await change('author', 'blockUser', { userId: userIds.blocked });
  return { communities, posts, threads, comments, others };
}

let made = 0;

/** A community of the founder's, with the author, the blocked and the member in it, and a moderator; of these only the given in one that is soon forgotten. */
export async function aCommunity(
  change: Change,
  userIds: UserIds,
  place: Place,
  scratchMembers: readonly Person[] | null = null,
): Promise<{ id: string; name: string }> {
  const secret = {
    name: word('privateCommunityName'),
    description: word('privateCommunityDescription'),
    rules: word('privateCommunityRules'),
  };
  const open = { name: 'matrix-square', description: 'Open to all.', rules: 'Be kind.' };
  const texts = place === 'public' ? open : secret;
  const name = scratchMembers ? `scratch-${++made}` : texts.name;
  const { community } = await change<{ community: { id: string } }>(
    'founder',
    'createCommunity',
    { ...texts, name, isPrivate: place === 'private' },
    'community { id }',
  );
  for (const person of ['author', 'blocked', 'member', 'moderator'] as const) {
    if (scratchMembers?.includes(person) === false) continue;
    const role = person === 'moderator' ? person : 'member';
    await change('founder', 'addCommunityMember', { communityId: community.id, userId: userIds[person], role });
  }
  return { id: community.id, name };
}

/** A definition of a link that nothing uses: in the source, not in what is rendered. */
const unseen = (canary: Canary): string => `\n\n[unused]: https://example.org/${word(canary)}`;

const OPEN = {
  title: 'Lighthouse gardening',
  body: `A calm and lovely text for everyone: ${word('publicBody')}.`,
  tag: word('publicTag'),
};

/** A post with an earlier version that held canaries; published unless it is the draft. */
async function aPost(change: Change, instance: Instance, communityId: string) {
  const texts =
    instance === 'public'
      ? OPEN
      : { title: word(`${instance}Title`), body: `A lovely ${word(`${instance}Body`)}.`, tag: word(`${instance}Tag`) };
  const now = { title: texts.title, markdown: texts.body + unseen(`${instance}Markdown`), tags: [texts.tag] };
  const earlier = {
    title: word(`${instance}EarlierTitle`),
    markdown: word(`${instance}EarlierBody`),
    tags: [word(`${instance}EarlierTag`)],
  };
  const { post } = await change<{ post: { id: string } }>(
    'author',
    'createPost',
    { ...now, communityId },
    'post { id }',
  );
  await change('author', 'updatePost', { id: post.id, version: 1, ...earlier });
  await change('author', 'updatePost', { id: post.id, version: 2, ...now, reason: word(`${instance}Reason`) });
  if (instance !== 'draft') await change('author', 'publishPost', { id: post.id });
  return { ...post, title: texts.title };
}

async function anothersPost(change: Change, communityId: string): Promise<string> {
  const text = {
    title: `${OPEN.title} elsewhere`,
    markdown: 'A lovely text, too.',
    tags: ['lighthouses'],
    communityId,
  };
  const { post } = await change<{ post: { id: string } }>('member', 'createPost', text, 'post { id }');
  await change('member', 'publishPost', { id: post.id });
  return post.id;
}

async function aDeletedPost(change: Change): Promise<void> {
  const texts = { title: word('deletedTitle'), markdown: word('deletedBody') };
  const { post } = await change<{ post: { id: string } }>('author', 'createPost', texts, 'post { id }');
  await change('author', 'deletePost', { id: post.id });
}

async function say(change: Change, person: Person, postId: string, markdown: string, parentId: string | null = null) {
  const text = { postId, parentId, markdown };
  const { comment } = await change<{ comment: { id: string } }>(person, 'addComment', text, 'comment { id }');
  return comment.id;
}

async function aThread(change: Change, place: Place, postId: string): Promise<{ thread: string; comment: string }> {
  const [first, answer] = [word(`${place}ThreadText`), word(`${place}CommentText`)];
  const thread = await say(change, 'member', postId, first);
  const comment = await say(change, 'author', postId, word(`${place}CommentEarlier`), thread);
  await change('author', 'editComment', { id: comment, markdown: answer + unseen(`${place}CommentMarkdown`) });
  const deleted = await say(change, 'author', postId, word(`${place}CommentDeleted`), thread);
  await change('author', 'deleteComment', { id: deleted });
  return { thread, comment };
}
