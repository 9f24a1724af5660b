import type { Credentials } from './doors.ts';
import type { Case, Person } from './people.ts';
import { aCommunity } from './populate.ts';
import { placeOf, postId } from './sample.ts';
import { strangersLogin, type World } from './world.ts';

/** A community that nobody has asked anything of yet. */
export const scratchCommunity = (world: World, given: Case) =>
  aCommunity(world.change, world.userIds, placeOf(given), [given.person, 'author']);

/** A post of the author's that may be lost. */
export async function scratchPost(
  world: World,
  given: Case,
  isPublished = given.instance !== 'draft',
): Promise<string> {
  const communityId = world.communityOf(given.instance).id;
  const text = { title: 'To be lost', markdown: 'Words.', communityId };
  const { post } = await world.change<{ post: { id: string } }>('author', 'createPost', text, 'post { id }');
  if (isPublished) await world.change('author', 'publishPost', { id: post.id });
  return post.id;
}

export async function scratchComment(world: World, given: Case): Promise<string> {
  const text = { postId: postId(world, given), markdown: 'To be lost.' };
  return (await world.change<{ comment: { id: string } }>('author', 'addComment', text, 'comment { id }')).comment.id;
}

export async function versionOf(world: World, id: string): Promise<number> {
  const { data } = await world.gateway({ person: 'author' }, 'query ($id: ID!) { post(id: $id) { version } }', { id });
  return (data?.['post'] as { version: number }).version;
}

let named = 0;

/** A number that no other name has. */
export const another = (): number => ++named;

/** A key of the person's own; nobody has one, and asks for the author's. */
export async function aKey(world: World, person: Person): Promise<string> {
  const key = { name: 'A key', scopes: ['posts:read'] };
  const owner = person === 'anonymous' ? 'author' : person;
  const selection = 'apiKey { id }';
  return (await world.change<{ apiKey: { id: string } }>(owner, 'createApiKey', key, selection)).apiKey.id;
}

/** A session of somebody new. */
export async function somebodyElse(world: World): Promise<Credentials> {
  const name = `new${another()}`;
  const { password } = strangersLogin;
  await world.change('anonymous', 'register', {
    username: `matrix-${name}`,
    email: `${name}@example.org`,
    password,
    name: 'Somebody new',
  });
  return world.signInAgain(name as Person);
}
