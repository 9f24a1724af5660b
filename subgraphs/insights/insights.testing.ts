import { type Id, newId } from 'kit/ids';
import type { DeliverOptions, TestGraph } from 'kit/testing/subgraph';
import { userViewer } from 'kit/viewer';

interface PostShape {
  readonly id?: Id;
  readonly authorId?: Id;
  readonly communityId?: Id | null;
  readonly status?: string;
  readonly title?: string;
  readonly text?: string;
}

/** Delivers `post.saved` and answers the post's id. Published, public and by somebody unless told otherwise. */
export async function aPost(graph: TestGraph, shape: PostShape = {}, options: DeliverOptions = {}): Promise<Id> {
  const { id = newId('post'), authorId = newId('user'), communityId = null, status = 'PUBLISHED' } = shape;
  const { title = 'A title', text = 'A text.' } = shape;
  const publishedAt = status === 'PUBLISHED' ? '2026-11-01T12:00:00.000Z' : null;
  const rest = { slug: 'a-title', excerpt: text.slice(0, 200), tags: [], version: 1 };
  const payload = { postId: id, authorId, communityId, status, title, text, publishedAt, ...rest };
  await graph.deliver('content', 'post.saved', payload, options);
  return id;
}

/** Delivers `comment.saved` and answers the comment's id. */
export async function aComment(
  graph: TestGraph,
  shape: { id?: Id; postId: Id; authorId?: Id; text: string },
  options: DeliverOptions = {},
): Promise<Id> {
  const { id = newId('comment'), postId, authorId = newId('user'), text } = shape;
  const rest = { parentId: null, authorId, createdAt: '2026-11-01T12:00:00.000Z', version: 1 };
  await graph.deliver('engagement', 'comment.saved', { commentId: id, postId, text, ...rest }, options);
  return id;
}

/** A private community with one person of each role, and what each of them may ask as. */
export async function aPrivateCommunity(graph: TestGraph) {
  const id = newId('community');
  const people = { owner: newId('user'), moderator: newId('user'), member: newId('user') };
  const about = { name: 'secrets', description: '', isPrivate: true, ownerId: people.owner };
  await graph.deliver('content', 'community.saved', { communityId: id, ...about });
  for (const [role, userId] of Object.entries(people)) {
    await graph.deliver('content', 'member.joined', { communityId: id, userId, role });
  }
  return {
    id,
    memberId: people.member,
    owner: graph.as(userViewer(people.owner)),
    moderator: graph.as(userViewer(people.moderator)),
    member: graph.as(userViewer(people.member)),
  };
}

/** Asks until `isThere` says yes, `seconds` at most; the last answer either way. */
export async function eventually<Answer>(
  ask: () => Promise<Answer>,
  isThere: (answer: Answer) => boolean,
  seconds = 8,
): Promise<Answer> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (isThere(answer) || Date.now() > deadline) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
