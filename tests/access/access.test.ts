import { gatewayViewer } from 'kit/viewer';
import { forbiddenIn, canaries, type Canary, word, wordsIn } from './canaries.ts';
import { type Answers, cell } from './answers.ts';
import { askEntities, askRoots } from './collect.ts';
import { privacyOf, staleAmong } from './columns.ts';
import { written } from './committed.ts';
import { expectations } from './expectations.ts';
import { asEach, toldTo } from './asides.ts';
import { sessions } from './holders.ts';
import { followAll } from './live.ts';
import { type Cell, cellsOf, codesOf, isForWhoeverAsks, REFUSALS, stale, told, unreached } from './matrix.ts';
import { people, type Person, roles } from './people.ts';
import { places } from './places.ts';
import { secretsOf, textColumns, withoutCanary } from './plant.ts';
import { samples } from './samples.ts';
import { EVERYONE, seersIn } from './seers.ts';
import { sensitive } from './sensitive.ts';
import { type Door, isInaccessible, matrix } from './ways.ts';
import { makeWorld, type World } from './world.ts';

let world: World;
let answers: Answers;
let cells: Cell[];

/** As many questions as the matrix has cells: half a minute on two cores, and more where they are busy. */
const PATIENCE_MS = 400_000;

test('every field of the graph has a sample or a place, and none is left of what is no more', () => {
  expect(unreached()).toEqual([]);
  expect(stale()).toEqual([]);
});

test('what the most sensitive fields are, and for whom, is said by hand of forty at least', () => {
  expect(Object.keys(sensitive).length).toBeGreaterThanOrEqual(40);
});

const doors: readonly Door[] = ['gateway', 'subgraph'];
const each = doors.flatMap((door) => roles.map((role) => [door, role] as const));

/** Analytics are looked at by anyone and refused by the post: see `readAnalytics`. */
const isForSignedIn = (entry: string): boolean =>
  entry !== 'Query.analytics' && matrix[entry]?.allows.includes('anonymous') === false;

/** Asks everything there is, as everyone, by every door: first what only reads, then live, and what changes last. */
async function collect(): Promise<Answers> {
  const inquiry = { world, answers: new Map(), holders: sessions };
  await askEntities(inquiry);
  await askRoots(inquiry, 'Query');
  await followAll(inquiry);
  await askRoots(inquiry, 'Mutation');
  return inquiry.answers;
}

describe('the running graph', () => {
  beforeAll(async () => {
    world = await makeWorld();
    answers = await collect();
    cells = cellsOf(world, answers, sessions);
  }, PATIENCE_MS);
  afterAll(async () => {
    await world?.stop();
  });

  describe.each(each)('by the %s, as %s', (door, role) => {
    const mine = (): Cell[] => cells.filter((one) => one.door === door && one.role === role);

    test('nothing is seen that the declarations do not allow', () => {
      const leaks = mine().filter(
        ({ entry, isAllowed, seen }) => !isAllowed && seen === 'value' && !isForWhoeverAsks(entry),
      );
      expect(told(leaks)).toEqual([]);
    });

    test('all is seen that the declarations allow', () => {
      expect(told(mine().filter(({ isAllowed, seen }) => isAllowed && seen !== 'value'))).toEqual([]);
    });

    test('a refusal is a refusal, and does not tell that there is something to see', () => {
      const refused = mine().filter(
        ({ seen, entry }) => seen === 'refused' && !(door === 'gateway' && isInaccessible(entry)),
      );
      expect(told(refused.filter(({ code }) => !REFUSALS.includes(code ?? '')))).toEqual([]);
      expect(told(refused.filter(({ isVisible, code }) => !isVisible && code === 'FORBIDDEN'))).toEqual([]);
    });
  });

  test('the matrix is the one that is committed: see docs/security.md for how to renew it', () => {
    expect(written(cells)).toMatchSnapshot();
  });

  test('who is not signed in is told so where signing in would help', () => {
    const roots = cells.filter(({ entry, role }) => role === 'anonymous' && /^(Query|Mutation)\./.test(entry));
    const wanting = roots.filter(({ entry }) => !isInaccessible(entry) && isForSignedIn(entry));
    expect(wanting.length).toBeGreaterThan(20);
    expect(told(wanting.filter(({ code }) => code !== 'UNAUTHENTICATED'))).toEqual([]);
  });

  test('who sees the whole object meets no error in it', () => {
    const whole = cells.filter(({ entry, seen }) => /^Query\./.test(entry) && seen === 'value');
    const failing = whole.filter(
      ({ source, role, instance }) =>
        codesOf(answers.get(cell(source, role, instance)) ?? { data: null, errors: [] }).length > 0,
    );
    expect(told(failing)).toEqual([]);
  });

  test('what is inaccessible cannot even be named through the gateway', async () => {
    const hidden = Object.keys(matrix).filter(isInaccessible);
    expect(hidden).toEqual(expect.arrayContaining(['Post.nodeId', 'Query.sessionState', 'Query.jsonWebKeySet']));
    for (const entry of hidden) {
      const [type = '', field = ''] = entry.split('.');
      const way = samples[type]?.[field]
        ? field
        : `${(places[type] ?? '').split('.').slice(1).join(' { ')} { ${field} }`;
      const answer = await world.gateway(
        { person: 'admin' },
        `{ ${way} ${'}'.repeat(way.split('{').length - way.split('}').length)} }`,
      );
      expect([entry, ...codesOf(answer)]).toContain('GRAPHQL_VALIDATION_FAILED');
    }
  });

  test.each(Object.entries(expectations))('%s is seen by whom the product promises', (entry, byInstance) => {
    for (const [instance, seers] of Object.entries(byInstance)) {
      const seen = cells.filter((one) => one.entry === entry && one.instance === instance);
      for (const source of new Set(seen.map((one) => one.source))) {
        const who = seen.filter((one) => one.source === source && one.seen === 'value').map(({ role }) => role);
        expect([source, instance, ...who]).toEqual([source, instance, ...seersIn(seers)]);
      }
      expect(seen.length).toBeGreaterThan(0);
    }
  });

  test('nothing the blocked are told leads to who has blocked them, nor to what is theirs', () => {
    const { userIds, posts, threads, comments } = world;
    const theirs = [userIds.author, ...[posts.public, posts.private, posts.draft].map(({ id }) => id)];
    const under = [threads, comments].flatMap((place) => Object.values(place));
    expect(toldTo(world, 'blocked', [...theirs, ...under])).toEqual([]);
    expect(toldTo(world, 'member', theirs)).not.toEqual([]);
  });

  test('what is said elsewhere keeps its place for the blocked, and no more; the block hides both ways', async () => {
    const { others, userIds } = world;
    const remark = 'Comment { isDeleted html markdown author { id } }';
    const withRemark = await asEach(world, 'engagement', 'comment', remark, others.comment);
    for (const { who, role, object } of withRemark) {
      const isHidden = role === 'blocked';
      expect([who, object]).toEqual([who, expect.objectContaining({ isDeleted: isHidden })]);
      expect([who, object?.['html'] === null, object?.['author'] === null]).toEqual([who, isHidden, isHidden]);
    }
    const met = await asEach(world, 'users', 'user', 'User { id }', userIds.blocked);
    const who = met.filter(({ object }) => object !== null).map(({ who }) => who);
    const expected = EVERYONE.replace('owner ', '');
    expect(who).toEqual(doors.flatMap((door) => seersIn(expected).map((role) => `${role} by the ${door}`)));
  });

  test('that somebody is suspended, and why, is for those who look after the site', async () => {
    const met = await asEach(world, 'users', 'user', 'User { id suspension { reason } }', world.bystanders.suspended);
    const who = met.filter(({ object }) => object?.['suspension'] != null).map(({ who }) => who);
    expect(who).toEqual(doors.flatMap((door) => ['siteModerator', 'admin'].map((role) => `${role} by the ${door}`)));
    expect(met.filter(({ object }) => object === null)).toEqual([]);
  });

  test('every column that can hold words is classified, and in each that is private there is a canary', async () => {
    const columns = await textColumns(world.databaseUrls);
    const named = columns.map((column) => ({
      ...column,
      name: `columns.ts: ${column.subgraph}.${column.table}.${column.column}`,
    }));
    expect(named.filter((column) => privacyOf(column) === null).map(({ name }) => name)).toEqual([]);
    expect(staleAmong(columns)).toEqual([]);
    const bare = await withoutCanary(
      world.databaseUrls,
      columns.filter((column) => privacyOf(column) === 'private'),
    );
    expect(bare.map(({ subgraph, table, column }) => `${subgraph}.${table}.${column}`)).toEqual([]);
  });

  test('no canary has left by any door to one who may not read it', () => {
    const leaks = world.uttered.flatMap(({ person, what, text }) =>
      forbiddenIn(text, person).map((canary) => `${canary} to ${person}: ${what}`),
    );
    expect(leaks).toEqual([]);
  });

  test('no hash, key or token of the stores has left by any door', async () => {
    const secrets = await secretsOf(world.databaseUrls);
    expect(secrets.size).toBeGreaterThan(20);
    const all = world.uttered.map(({ text }) => text).join('\n');
    expect([...secrets].filter(([secret]) => all.includes(secret)).map(([, name]) => name)).toEqual([]);
    const users = world.running.find(({ name }) => name === 'users');
    const hop = { viewer: gatewayViewer, requestId: 'keys', client: { address: '', userAgent: '' }, after: [] };
    const keys = JSON.stringify(await users?.execute({ query: '{ jsonWebKeySet }' }, hop));
    expect(keys).toContain('Ed25519');
    expect([...secrets].filter(([secret]) => keys.includes(secret)).map(([, name]) => name)).toEqual([]);
  });

  test('those who may read a canary have read it: the search looks where they are', () => {
    const read = new Map<Person, Set<string>>(people.map((person) => [person, new Set()]));
    for (const { person, text } of world.uttered) for (const found of wordsIn(text)) read.get(person)?.add(found);
    // The founder is asked for as the owner of communities only.
    const readers = (canary: Canary): Person[] => canaries[canary].filter((person) => person !== 'founder');
    const unread = (Object.keys(canaries) as Canary[]).flatMap((canary) =>
      readers(canary).flatMap((person) => (read.get(person)?.has(word(canary)) ? [] : [`${canary} by ${person}`])),
    );
    expect(unread).toEqual([]);
  });

  test('a leak would be seen: in the matrix, and as a canary', () => {
    const source = cell('gateway Query.user', 'stranger', 'public');
    const answer = answers.get(source);
    const leaking = {
      data: { user: { ...(answer?.data?.['user'] as object), email: word('authorEmail') } },
      errors: [],
    };
    const found = cellsOf(world, new Map([...answers, [source, leaking]]), sessions).filter(
      ({ entry, source: from, role, isAllowed, seen }) =>
        entry === 'User.email' &&
        from === 'gateway Query.user' &&
        role === 'stranger' &&
        !isAllowed &&
        seen === 'value',
    );
    expect(found).toHaveLength(1);
    const text = `"email":"${word('authorEmail').toUpperCase()}@example.org"`;
    expect(people.filter((person) => forbiddenIn(text, person).includes('authorEmail'))).toEqual([
      'anonymous',
      'stranger',
      'founder',
      'blocked',
      'member',
      'moderator',
      'siteModerator',
    ]);
  });
});
