import {
  getNamedType,
  type GraphQLNamedType,
  isObjectType,
  parse,
  print,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { userViewer } from 'kit/viewer';
import { subgraphs } from 'subgraphs/start';
import { effectiveScopes, roleOfKey, type Scope, scopes } from '../../subgraphs/users/apikey/apikey.scopes.ts';
import { areMet } from '../../tools/schema/scopes.ts';
import { apiSchema } from './answers.ts';
import type { Answer, Credentials } from './doors.ts';
import { codesOf } from './matrix.ts';
import type { Case, Person } from './people.ts';
import { type Given, samples } from './samples.ts';
import { operationOf } from './selection.ts';
import { matrix } from './ways.ts';
import { makeWorld, type World } from './world.ts';

/** Columns of the matrix for API keys, one for each scope, and for somebody who is suspended. */

let world: World;
beforeAll(async () => {
  world = await makeWorld();
}, 120_000);
afterAll(async () => {
  await world?.stop();
}, 30_000);

const PATIENCE_MS = 300_000;
const REFUSED = ['UNAUTHORIZED_FIELD_OR_TYPE', 'FORBIDDEN'];

/** Root fields that clients can name, with what each takes. */
const roots = Object.entries(matrix).flatMap(([entry, { scopes: taken = [], subgraphs: owners }]) => {
  const [root = '', field = ''] = entry.split('.');
  const query = operationOf(apiSchema, root, field);
  if (!/^(Query|Mutation)$/.test(root) || query === null || !samples[root]?.[field]) return [];
  return [{ entry, root, field, taken, query, owner: owners[0] ?? '' }];
});
type Root = (typeof roots)[number];

/** Whose key it is: of somebody who may do what the scope is for. */
function ownerOf(scope: Scope): Person {
  if (scope === 'admin' || scope === 'moderation') return 'admin';
  return scope === 'communities:write' ? 'founder' : 'author';
}

/** A key with this scope alone, as the gateway and as a subgraph know it. */
async function aKeyFor(scope: Scope): Promise<Credentials & { readonly held: ReadonlySet<string> }> {
  const person = ownerOf(scope);
  const role = person === 'admin' ? 'admin' : 'user';
  const { secret } = await world.change<{ secret: string }>(
    person,
    'createApiKey',
    { name: scope, scopes: [scope] },
    'secret',
  );
  const held = effectiveScopes([scope], role);
  const userId = world.credentials.get(person)?.viewer.userId ?? '';
  const viewer = { ...userViewer(userId, roleOfKey(held, role)), scopes: held, keyId: 'apikey_matrix' };
  return { token: secret, viewer, held: new Set(held) };
}

const given = (root: Root, person: Person): Given | Promise<Given> => {
  const one: Case = { role: person === 'admin' ? 'admin' : 'owner', person, instance: 'public' };
  const sample = samples[root.root]?.[root.field];
  if (!sample) throw new Error(`${root.entry} has no sample`);
  return sample.given(world, one);
};

/** What nobody can do by it needs no variables of its own each time. */
const known = new Map<string, Given>();
async function someGiven(root: Root): Promise<Given> {
  const kept = known.get(root.entry) ?? (await given(root, 'author'));
  known.set(root.entry, kept);
  return kept;
}

const isTaken = (entry: string, held: ReadonlySet<string>): boolean => {
  const taken = matrix[entry]?.scopes ?? [];
  return areMet(taken, held);
};

/** The operation without the fields that take further scopes, and without what is empty then. */
function within(query: string, held: ReadonlySet<string>): string {
  const info = new TypeInfo(apiSchema);
  const document = visit(
    parse(query),
    visitWithTypeInfo(info, {
      Field: {
        enter: ({ name }) => (isTaken(`${info.getParentType()?.name ?? ''}.${name.value}`, held) ? undefined : null),
        leave: (node) => (node.selectionSet?.selections.length === 0 ? null : undefined),
      },
      InlineFragment: { leave: (node) => (node.selectionSet.selections.length === 0 ? null : undefined) },
    }),
  );
  return print(document);
}

/** Fields in an answer that have a value although the scopes do not reach so far. */
function beyond(value: unknown, type: GraphQLNamedType | undefined, held: ReadonlySet<string>): string[] {
  if (value == null || typeof value !== 'object' || !isObjectType(type)) return [];
  if (Array.isArray(value)) return value.flatMap((one) => beyond(one, type, held));
  return Object.entries(value).flatMap(([key, inner]) => {
    const field = type.getFields()[key];
    if (inner == null || !field) return [];
    const entry = `${type.name}.${key}`;
    return isTaken(entry, held) ? beyond(inner, getNamedType(field.type), held) : [entry];
  });
}

async function ask(root: Root, as: Credentials, query: string, { variables }: Given): Promise<Answer[]> {
  const asker = { person: 'author' as const, as };
  const past = operationOf(
    subgraphs.find(({ name }) => name === root.owner)?.schema ?? apiSchema,
    root.root,
    root.field,
  );
  return [
    await world.gateway(asker, query, variables),
    ...(past === null ? [] : [await world.subgraph(root.owner, asker, past, variables)]),
  ];
}

describe.each(Object.keys(scopes) as Scope[])('a key for %s', (scope) => {
  let key: Awaited<ReturnType<typeof aKeyFor>>;
  beforeAll(async () => {
    key = await aKeyFor(scope);
  });
  const reached = ({ taken }: Root): boolean => taken.length > 0 && areMet(taken, key.held);

  test(
    'is refused whatever does not name it, by both doors',
    async () => {
      const wrong: string[] = [];
      await Promise.all(
        roots
          .filter((root) => !reached(root))
          .map(async (root) => {
            for (const answer of await ask(root, key, root.query, await someGiven(root))) {
              const codes = codesOf(answer);
              const isRefused = codes.length > 0 && codes.every((code) => REFUSED.includes(code));
              if (!isRefused || answer.data?.[root.field] != null)
                wrong.push(`${root.entry}: ${codes.join() || 'value'}`);
            }
          }),
      );
      expect(wrong).toEqual([]);
    },
    PATIENCE_MS,
  );

  test(
    'gets what names it, and of that nothing beyond',
    async () => {
      const wrong: string[] = [];
      for (const root of roots.filter(reached)) {
        const person = ownerOf(scope);
        const asker = { person, as: key };
        const narrow = await world.gateway(asker, within(root.query, key.held), (await given(root, person)).variables);
        const refused = codesOf(narrow).filter((code) => [...REFUSED, 'UNAUTHENTICATED'].includes(code));
        if (refused.length > 0) wrong.push(`${root.entry}: ${refused.join()}`);
        const wide = await world.gateway(asker, root.query, (await given(root, person)).variables);
        wrong.push(...beyond(wide.data, apiSchema.getType(root.root), key.held).map((entry) => `${entry} beyond`));
      }
      expect(wrong).toEqual([]);
    },
    PATIENCE_MS,
  );
});

test('every scope that the graph names can be had by a key, and every other is for what is to come', () => {
  const named = new Set(
    Object.values(matrix).flatMap(({ scopes: taken = [] }) => taken.flatMap((words) => words.split(/ \+ | \| /))),
  );
  expect([...named].filter((name) => !Object.hasOwn(scopes, name))).toEqual([]);
  expect(Object.keys(scopes).filter((name) => !named.has(name))).toEqual(['messages:read', 'messages:write']);
});

test(
  'somebody who is suspended gets nothing by any field, neither by a session nor by a key',
  async () => {
    const all = { name: 'all', scopes: Object.keys(scopes).filter((name) => !/^(admin|moderation)$/.test(name)) };
    const { secret } = await world.change<{ secret: string }>('stranger', 'createApiKey', all, 'secret');
    const session = world.credentials.get('stranger');
    if (!session) throw new Error('the stranger has no session');
    const held: Credentials[] = [session, { ...session, token: secret }];
    const viewer = '{ viewer { id } }';
    for (const as of held) expect(codesOf(await world.gateway({ person: 'stranger', as }, viewer))).toEqual([]);
    await world.change('admin', 'suspendUser', { userId: world.userIds.stranger, reason: 'for the matrix' });
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const wrong: string[] = [];
    for (const as of held) {
      for (const root of roots) {
        const { variables } = await someGiven(root);
        const answer = await world.gateway({ person: 'stranger', as }, root.query, variables);
        if (codesOf(answer).join() !== 'UNAUTHENTICATED' || answer.data !== null) wrong.push(root.entry);
      }
    }
    expect(wrong).toEqual([]);
  },
  PATIENCE_MS,
);
