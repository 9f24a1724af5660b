import { askEntities, askRoots, type Inquiry } from './collect.ts';
import type { Credentials } from './doors.ts';
import { type Holder, isOfObjects } from './holders.ts';
import { aKeyOf, everybodys, type Key, stateOf } from './keyholders.ts';
import { followAll, openSocket } from './live.ts';
import type { Person } from './people.ts';
import type { World } from './world.ts';

/** What somebody has in hand when they are suspended. */
export interface InHand {
  readonly session: Credentials;
  readonly key: Key;
}

export async function inHand(world: World): Promise<InHand> {
  const session = world.credentials.get('stranger');
  if (!session) throw new Error('the stranger has no session');
  return { session, key: await aKeyOf(world, 'stranger', everybodys) };
}

/** Both as holders: past the gateway they are who they were, for there nobody asks about sessions and keys again. */
export function outcasts({ session, key }: InHand): Holder[] {
  const asks = (source: string): boolean => source.startsWith('gateway ') || isOfObjects(source);
  const stranger = { role: 'stranger', personFor: (): Person => 'stranger', isOut: true, asks } as const;
  return [
    { ...stranger, name: 'suspended', held: null, as: () => session },
    { ...stranger, name: 'suspended, by a key', held: key.held, as: () => key },
  ];
}

/** A socket that was there before, and whether it has been closed since. */
export interface Opened {
  readonly isClosed: () => boolean;
  readonly dispose: () => Promise<void>;
}

export async function opened({ url }: World, credentials: Credentials): Promise<Opened> {
  const socket = openSocket(url, credentials);
  let isClosed = false;
  const connected = new Promise<void>((resolve) => socket.on('connected', () => resolve()));
  socket.on('closed', () => (isClosed = true));
  // A socket is there as long as somebody follows something by it.
  socket.subscribe(
    { query: 'subscription { postUpdated(postId: "post_01h455vb4pex5vsknk084sn02q") { id } }' },
    { next: () => undefined, error: () => undefined, complete: () => undefined },
  );
  await connected;
  return { isClosed: () => isClosed, dispose: async () => socket.dispose() };
}

export const SUSPENDED_WITHIN_MS = 1000;

export async function suspend(world: World): Promise<void> {
  await world.change('admin', 'suspendUser', { userId: world.userIds.stranger, reason: 'for the matrix' });
  await new Promise((resolve) => setTimeout(resolve, SUSPENDED_WITHIN_MS));
}

/** Everything there is, by every door, of somebody who is suspended. */
export async function askSuspended(inquiry: Inquiry): Promise<void> {
  await askEntities(inquiry);
  await askRoots(inquiry, 'Query');
  await followAll(inquiry);
  await askRoots(inquiry, 'Mutation');
}

/** What users says to the gateway of both, where it asks. */
export async function statesOf(world: World, { session, key }: InHand): Promise<readonly unknown[]> {
  const query = 'query ($id: ID!) { sessionState(id: $id) { id } }';
  const gateway = { kind: 'gateway', userId: null, role: 'gateway', sessionId: null } as const;
  const asker = { person: 'anonymous', as: { token: null, viewer: gateway } } as const;
  const { data } = await world.subgraph('users', asker, query, { id: session.viewer.sessionId });
  return [data?.['sessionState'], await stateOf(world, key.token ?? '')];
}
