import { effectiveScopes, isForRole, type Scope, scopes } from '../../subgraphs/users/apikey/apikey.scopes.ts';
import { type Answers, apiSchema } from './answers.ts';
import { forbiddenIn, wordsIn } from './canaries.ts';
import { askEntities, askRoots } from './collect.ts';
import { written } from './committed.ts';
import { expectations } from './expectations.ts';
import type { Holder } from './holders.ts';
import { aKeyOf, everybodys, type Key, keyholderNames, keyholders } from './keyholders.ts';
import { followAll } from './live.ts';
import { type Cell, cellsOf, isForWhoeverAsks, REFUSALS, told } from './matrix.ts';
import { aloneByRoot, within } from './narrow.ts';
import type { Person } from './people.ts';
import { places } from './places.ts';
import { samples } from './samples.ts';
import { operationOf } from './selection.ts';
import { seersIn } from './seers.ts';
import { takes } from './sensitive.keys.ts';
import { askSuspended, inHand, opened, outcasts, statesOf, suspend } from './suspended.ts';
import { type Door, isInaccessible, isRoot, matrix } from './ways.ts';
import { makeWorld, type World } from './world.ts';

/** Columns of the matrix for API keys: of each scope by itself, of everyone with all of theirs, and of somebody who is suspended. */

let world: World;
let answers: Answers;
let holders: readonly Holder[];
let cells: Cell[];
let out: Cell[];
/** Of the suspended: whether the sockets they had were closed, and what users says of what they have in hand. */
let after: { areClosed: readonly boolean[]; states: readonly unknown[] };

beforeAll(async () => {
  world = await makeWorld();
  holders = await keyholders(world);
  answers = new Map();
  const inquiry = { world, answers, holders };
  const hand = await inHand(world);
  await askEntities(inquiry);
  await askRoots(inquiry, 'Query');
  await followAll(inquiry);
  await askRoots(inquiry, 'Mutation');
  cells = cellsOf(world, answers, holders);
  const sockets = await Promise.all([hand.session, hand.key].map((one) => opened(world, one)));
  await suspend(world);
  after = { areClosed: sockets.map(({ isClosed }) => isClosed()), states: await statesOf(world, hand) };
  await Promise.all(sockets.map(({ dispose }) => dispose()));
  const outside = { world, answers, holders: outcasts(hand) };
  await askSuspended(outside);
  out = cellsOf(world, answers, outside.holders);
}, 400_000);
afterAll(async () => {
  await world?.stop();
});

const TOO_NARROW = ['UNAUTHORIZED_FIELD_OR_TYPE', 'FORBIDDEN'];
const doors: readonly Door[] = ['gateway', 'subgraph'];
/** What clients cannot name is no matter of scopes there. */
const isNamed = ({ door, entry }: Cell): boolean => door === 'subgraph' || !isInaccessible(entry);

describe.each(doors.flatMap((door) => keyholderNames[door].map((name) => [door, name] as const)))(
  'by the %s, a key: %s',
  (door, name) => {
    const mine = (): Cell[] => cells.filter((one) => one.door === door && one.holder === name);

    test('is refused whatever it is not good for', () => {
      const beyond = mine().filter((one) => !one.isReached && isNamed(one));
      expect(mine().length).toBeGreaterThan(20);
      expect(told(beyond.filter(({ code }) => !TOO_NARROW.includes(code ?? '')))).toEqual([]);
    });

    test('shows no more than its person may see, of what is private and of drafts as well', () => {
      const leaks = mine().filter(({ isAllowed, seen, entry, isReached }) => {
        const isOfNoMatter = isReached && isForWhoeverAsks(entry);
        return !isAllowed && seen === 'value' && !isOfNoMatter;
      });
      expect(told(leaks)).toEqual([]);
      const refused = mine().filter((one) => one.isReached && one.seen === 'refused' && isNamed(one));
      expect(told(refused.filter(({ code }) => !REFUSALS.includes(code ?? '')))).toEqual([]);
    });

    test('shows all that it is good for', () => {
      expect(told(mine().filter(({ isAllowed, seen }) => isAllowed && seen !== 'value'))).toEqual([]);
    });
  },
);

test('the matrix of keys is the one that is committed: see docs/security.md for how to renew it', () => {
  expect(written([...cells, ...out])).toMatchSnapshot();
});

test('every scope that the graph names can be had by a key, and every other is for what is to come', () => {
  const named = new Set(
    Object.values(matrix).flatMap(({ scopes: taken = [] }) => taken.flatMap((words) => words.split(/ \+ | \| /))),
  );
  expect([...named].filter((name) => !Object.hasOwn(scopes, name))).toEqual([]);
  expect(Object.keys(scopes).filter((name) => !named.has(name))).toEqual(['messages:read', 'messages:write']);
});

test('no canary has left to a key whose person may not read it, and those looked for are there', () => {
  const leaks = world.uttered.flatMap(({ person, what, text }) =>
    forbiddenIn(text, person).map((canary) => `${canary} to ${person}: ${what}`),
  );
  expect(leaks).toEqual([]);
  expect(wordsIn(world.uttered.map(({ text }) => text).join('\n')).size).toBeGreaterThan(30);
});

describe('what is most sensitive, by hand', () => {
  test('is said of forty fields at least', () => {
    expect(Object.keys(takes).length).toBeGreaterThanOrEqual(40);
    expect(Object.keys(takes).filter((entry) => !expectations[entry])).toEqual([]);
  });

  test.each(Object.entries(takes))('%s is seen by the keys that the product promises', (entry, [gateway, subgraph]) => {
    const seen = cells.filter((one) => one.entry === entry);
    expect(seen.length).toBeGreaterThan(0);
    const wrong = seen.filter((one) => {
      const scopesOf = one.door === 'gateway' ? gateway : subgraph;
      const held = holders.find(({ name }) => name === one.holder)?.held ?? new Set();
      const isGood = scopesOf !== null && scopesOf.split(' ').every((scope) => held.has(scope));
      const isSeer = seersIn(expectations[entry]?.[one.instance] ?? '').includes(one.role);
      return (one.seen === 'value') !== (isGood && isSeer);
    });
    expect(told(wrong)).toEqual([]);
    expect(told(out.filter((one) => one.entry === entry && one.door === 'gateway' && one.seen !== 'refused'))).toEqual(
      [],
    );
  });

  const taken = Object.entries(takes).flatMap(([entry, [scope]]) => {
    const isAsked = scope !== null && !/^(Mutation|Subscription)\./.test(entry) && entry !== 'User.suspension';
    return isAsked ? [[entry, scope.split(' ') as Scope[]] as const] : [];
  });

  test.each(taken)('%s takes just %j: a key for all but one of them does not see it', async (entry, needed) => {
    const isAdmins = needed.includes('admin');
    expect(await isSeenBy(entry, await keyFor(entry, needed))).toBe(true);
    for (const one of needed) {
      const others = [...everybodys, 'moderation' as const].filter(
        (scope) => isForRole(scope, isAdmins ? 'admin' : 'user') && !effectiveScopes([scope], 'admin').includes(one),
      );
      expect([one, await isSeenBy(entry, await keyFor(entry, others))]).toEqual([one, false]);
    }
  });
});

const made = new Map<string, Promise<Key>>();

const placeOf = (entry: string): string => (isRoot(entry) ? entry : (places[entry.split('.')[0] ?? ''] ?? ''));

function personFor(entry: string): Person {
  if (takes[entry]?.[0] === 'admin') return 'admin';
  const [root = '', field = ''] = placeOf(entry).split('.');
  return samples[root]?.[field]?.belongsTo ?? 'author';
}

/** A key of the owner's, for exactly these scopes. */
async function keyFor(entry: string, granted: readonly Scope[]): Promise<Key & { readonly person: Person }> {
  const person = personFor(entry);
  const name = `${person} ${granted.join()}`;
  const key = made.get(name) ?? aKeyOf(world, person, granted);
  made.set(name, key);
  return { ...(await key), person };
}

async function isSeenBy(entry: string, key: Key & { readonly person: Person }): Promise<boolean> {
  const [root = '', field = '', ...below] = placeOf(entry).split('.');
  const path = isRoot(entry) ? [field] : [field, ...below, entry.split('.')[1] ?? ''];
  const whole = operationOf(apiSchema, root, field) ?? '';
  const query = isRoot(entry) ? (within(apiSchema, whole, key.held) ?? whole) : aloneByRoot(apiSchema, root, path);
  const sample = samples[root]?.[field];
  if (!query || !sample) throw new Error(`${entry} cannot be asked for`);
  const { variables } = await sample.given(world, { role: 'owner', person: key.person, instance: 'public' });
  const { data } = await world.gateway({ person: key.person, as: key }, query, variables);
  return path.reduce<unknown[]>((values, name) => values.flatMap((value) => inside(value, name)), [data]).length > 0;
}

function inside(value: unknown, name: string): unknown[] {
  if (Array.isArray(value)) return value.flatMap((one) => inside(one, name));
  const found = (value as Record<string, unknown> | null)?.[name];
  return found == null ? [] : [found];
}

describe('somebody who is suspended', () => {
  test('gets nothing by any field, neither by a session nor by a key', () => {
    const byGateway = out.filter(({ door }) => door === 'gateway');
    expect(byGateway.length).toBeGreaterThan(1000);
    expect(told(byGateway.filter(({ code }) => code !== 'UNAUTHENTICATED'))).toEqual([]);
    expect([...answers].filter(([asked, { data }]) => /^gateway .* \| suspended/.test(asked) && data !== null)).toEqual(
      [],
    );
  });

  test('has had the sockets closed that were open, and is nobody to the gateway any more', () => {
    expect(after).toEqual({ areClosed: [true, true], states: [null, null] });
  });

  test('would see past the gateway what any stranger does, and no more', () => {
    const past = out.filter(({ door }) => door === 'subgraph');
    expect(past.length).toBeGreaterThan(100);
    expect(told(past.filter(({ isAllowed, seen }) => !isAllowed && seen === 'value'))).toEqual([]);
  });
});
