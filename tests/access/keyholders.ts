import { createHash } from 'node:crypto';
import { gatewayViewer, userViewer } from 'kit/viewer';
import { type Scope, scopes } from '../../subgraphs/users/apikey/apikey.scopes.ts';
import type { Credentials } from './doors.ts';
import { type Holder, isOfObjects } from './holders.ts';
import { type Owner, type Person, personOf, type Role } from './people.ts';
import type { Door } from './ways.ts';
import type { World } from './world.ts';

/** A key, and what users says it is good for: what the gateway would send with it. */
export interface Key extends Credentials {
  readonly held: ReadonlySet<string>;
}

const all = Object.keys(scopes) as Scope[];
/** Scopes that anybody may give a key of theirs. */
export const everybodys: readonly Scope[] = all.filter((scope) => scope !== 'admin' && scope !== 'moderation');

const STATE = 'query State($hash: String!) { apiKeyState(hash: $hash) { id userId role scopes isUnverified } }';
interface State {
  readonly id: string;
  readonly userId: string;
  readonly role: string;
  readonly scopes: readonly string[];
}

/** What users says of a key, as the gateway would ask; null where it is not good, or not any more. */
export async function stateOf({ running }: World, secret: string): Promise<State | null> {
  const users = running.find(({ name }) => name === 'users');
  const hop = { viewer: gatewayViewer, requestId: 'state', client: { address: '', userAgent: '' }, after: [] };
  const hash = createHash('sha256').update(secret).digest('base64url');
  const answer = await users?.execute({ query: STATE, variables: { hash } }, hop);
  if (!answer?.data) throw new Error(`users does not say what a key is good for: ${JSON.stringify(answer?.errors)}`);
  return (answer.data as { apiKeyState: State | null }).apiKeyState;
}

/** A new key of the person's. */
export async function aKeyOf(world: World, person: Person, granted: readonly string[]): Promise<Key> {
  const name = granted.join(' ').slice(0, 50);
  const { secret } = await world.change<{ secret: string }>(
    person,
    'createApiKey',
    { name, scopes: granted },
    'secret',
  );
  const state = await stateOf(world, secret);
  if (!state) throw new Error(`${person}'s new key is not good`);
  const viewer = { ...userViewer(state.userId, state.role), scopes: state.scopes, keyId: state.id };
  return { token: secret, viewer, held: new Set(state.scopes) };
}

interface Plan {
  readonly name: string;
  readonly role: Role;
  /** Null for the owner, who is another person for what is the author's and for communities. */
  readonly person: Person | null;
  readonly granted: readonly string[];
  readonly isReader?: boolean;
}

const site = ['moderation', 'admin'] as const;
/** The owner's, for one scope each; what only those may give a key who look after the site is an administrator's. */
const singles: readonly Plan[] = all.map((scope) =>
  scope === 'moderation' || scope === 'admin'
    ? { name: scope, role: scope === 'admin' ? 'admin' : 'siteModerator', person: 'admin', granted: [scope] }
    : { name: scope, role: 'owner', person: null, granted: [scope] },
);
/**
 * Everyone's, for all that theirs can be good for: what a key shows of what is private and of drafts is its person's, too. One
 * that is not for looking after the site is nobody's in particular there.
 */
const wides: readonly Plan[] = [
  { name: 'all of the stranger', role: 'stranger', person: 'stranger', granted: everybodys },
  { name: 'all of the owner', role: 'owner', person: null, granted: everybodys },
  { name: 'all of the admin', role: 'admin', person: 'admin', granted: [...everybodys, ...site] },
  { name: 'less of the admin', role: 'stranger', person: 'admin', granted: everybodys },
];

/** The same of others, of whom objects are enough: the rest is theirs by a session. */
const readers: readonly Plan[] = [
  ...(['blocked', 'member', 'moderator'] as const).map((role) => ({
    name: `all of the ${role}`,
    role,
    person: role,
    granted: everybodys,
    isReader: true,
  })),
  {
    name: 'all of the siteModerator',
    role: 'siteModerator',
    person: 'siteModerator',
    granted: [...everybodys, 'moderation'],
    isReader: true,
  },
  {
    name: 'less of the siteModerator',
    role: 'stranger',
    person: 'siteModerator',
    granted: everybodys,
    isReader: true,
  },
];

const plans = [...singles, ...wides, ...readers];

/** Which keys there are, by door. */
export const keyholderNames: Readonly<Record<Door, readonly string[]>> = {
  gateway: [...singles, ...wides].map(({ name }) => name),
  subgraph: plans.map(({ name }) => name),
};

/** Keys of each scope by itself, and of everybody with all of theirs. */
export const keyholders = (world: World): Promise<Holder[]> => Promise.all(plans.map((plan) => keyholder(world, plan)));

async function keyholder(world: World, { name, role, person, granted, isReader = false }: Plan): Promise<Holder> {
  const personFor = (belongsTo: Owner): Person => person ?? personOf(role, belongsTo);
  const author = await aKeyOf(world, personFor('author'), granted);
  const founder = person ? author : await aKeyOf(world, personFor('founder'), granted);
  const as = (belongsTo: Owner): Credentials => (belongsTo === 'author' ? author : founder);
  return { name, role, personFor, held: author.held, as, isOut: false, asks: isReader ? isOfObjects : () => true };
}
