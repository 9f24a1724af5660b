import { fromString, getType, toUUID, TypeID } from 'typeid-js';
import { checkId, fromUuid, kindOf, toUuid } from './ids.ts';

/* Beside typeid-js, which is the measure of what is an id and of how each is written. */

const outcomeOf = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
};

const stock = {
  /** Null as well where its bits are no UUID, which typeid-js says no sooner than it is asked for it. */
  kindOf: (id: string): string | null => {
    const kind = outcomeOf(() => getType(fromString(id)));
    const isOfUuid = /^[0-9a-f-]{36}$/.test(String(stock.toUuid(id)));
    return isOfUuid && typeof kind === 'string' && /^[a-z_]+$/.test(kind) ? kind : null;
  },
  toUuid: (id: string) => outcomeOf(() => toUUID(fromString(id))),
  fromUuid: (kind: string, uuid: string) => outcomeOf(() => TypeID.fromUUID(kind, uuid).toString()),
};

const random = (limit: number): number => Math.floor(Math.random() * limit);
const pick = <One>(list: ArrayLike<One>): One => list[random(list.length)] as One;
const bits = (): string => Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString('hex');
const dashed = (hex: string): string =>
  [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
const uuids: (() => string)[] = [
  () => crypto.randomUUID(),
  () => dashed(bits()),
  () => crypto.randomUUID().toUpperCase(),
];
const PREFIXES = ['post', 'a', 'two_words', 'z'.repeat(63), 'aa', 'a__b'];
const CHARACTERS = '0178afiluoyzZA_-é\0 😀'.split('');

/** A text with one to three characters changed, dropped or added. */
function mutated(given: string): string {
  let changed = given;
  for (let times = 1 + random(3); times > 0; times--) {
    const at = random(changed.length + 1);
    changed = changed.slice(0, at) + (random(3) ? pick(CHARACTERS) : '') + changed.slice(at + random(2));
  }
  return changed;
}

/** Errors are told by their words alone, and their stacks are dear to write. */
const { stackTraceLimit } = Error;
beforeAll(() => void (Error.stackTraceLimit = 0));
afterAll(() => void (Error.stackTraceLimit = stackTraceLimit));

test('any UUID is written and read as by typeid-js', () => {
  const different: unknown[] = [];
  for (let time = 0; time < 5000; time++) {
    const [kind, uuid] = [pick(PREFIXES), pick(uuids)()];
    const id = fromUuid(kind, uuid);
    const ours = [id, kindOf(id), kindOf(id) && checkId(kind, id), outcomeOf(() => toUuid(id))];
    const theirs = [stock.fromUuid(kind, uuid), stock.kindOf(id), stock.kindOf(id) && id, stock.toUuid(id)];
    if (ours.join() !== theirs.join()) different.push({ ours, theirs });
  }
  expect(different).toEqual([]);
});

test('what is changed at random is taken or refused as by typeid-js, word for word', () => {
  const different: unknown[] = [];
  let taken = 0;
  for (let time = 0; time < 10_000; time++) {
    const id = mutated(fromUuid(pick(PREFIXES), pick(uuids)()));
    const [kind, uuid] = [random(2) ? mutated(pick(PREFIXES)) : pick(PREFIXES), mutated(pick(uuids)())];
    const ours = [kindOf(id), outcomeOf(() => toUuid(id)), outcomeOf(() => fromUuid(kind, uuid))];
    const theirs = [stock.kindOf(id), stock.toUuid(id), stock.fromUuid(kind, uuid)];
    if (ours[0] !== null) taken++;
    if (ours.join() !== theirs.join()) different.push({ id, kind, uuid, ours, theirs });
  }
  expect(different).toEqual([]);
  // Some of the changes leave an id.
  expect(taken).toBeGreaterThan(500);
});

test.each([
  '00000000-0000-0000-0000-000000000000',
  'ffffffff-ffff-ffff-ffff-ffffffffffff',
  'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF',
  '00000000-0000-0000-0000-000000000001',
  '',
  'no uuid',
])('the odd UUID %j is what typeid-js makes of it', (uuid) => {
  const id = fromUuid('post', uuid);
  expect(id).toBe(stock.fromUuid('post', uuid));
  expect(outcomeOf(() => toUuid(id))).toBe(stock.toUuid(id));
});

test('an id without a prefix has a UUID, and names nothing', () => {
  const id = '01h2xcejqtf2nbrexx3vqjhp41';
  expect(toUuid(id)).toBe('0188bac7-4afa-78aa-bc3b-bd1eef28d881');
  expect(kindOf(id)).toBeNull();
});
