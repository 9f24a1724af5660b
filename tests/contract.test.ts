import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { composeServices } from '@apollo/composition';
import {
  type GraphQLField,
  getNamedType,
  getNullableType,
  type GraphQLNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isObjectType,
  Kind,
  parse,
  type ObjectTypeDefinitionNode,
} from 'graphql';
import { type Database, openDatabase, rowsOf, sql } from 'kit/database';
import { newId } from 'kit/ids';
import { createLogger } from 'kit/logger';
import type { SubgraphDefinition } from 'kit/subgraph';
import { cloneDatabase } from 'kit/testing/database';
import { workerRedisUrl } from 'kit/testing/engines';
import { testSubgraph, wideLimits } from 'kit/testing/subgraph';
import { anonymous, userViewer } from 'kit/viewer';
import { subgraphs } from '../subgraphs/start.ts';

const ROOTS = ['Query', 'Mutation', 'Subscription'];
const isFederations = (name: string): boolean => /^(_|federation__|link__)/.test(name);

const objectsOf = ({ sdl }: SubgraphDefinition): ObjectTypeDefinitionNode[] =>
  parse(sdl).definitions.filter((one) => one.kind === Kind.OBJECT_TYPE_DEFINITION);

interface Key {
  readonly type: string;
  readonly field: string;
  readonly isResolvable: boolean;
}
const keysOf = (definition: SubgraphDefinition): Key[] =>
  objectsOf(definition).flatMap((type) =>
    (type.directives ?? [])
      .filter((directive) => directive.name.value === 'key')
      .map(({ arguments: given = [] }) => {
        const value = (name: string) => given.find((argument) => argument.name.value === name)?.value;
        const [fields, resolvable] = [value('fields'), value('resolvable')];
        return {
          type: type.name.value,
          field: fields?.kind === Kind.STRING ? fields.value : '',
          isResolvable: !(resolvable?.kind === Kind.BOOLEAN && !resolvable.value),
        };
      }),
  );

const typesOf = ({ schema }: SubgraphDefinition): GraphQLNamedType[] =>
  Object.values(schema.getTypeMap()).filter((type) => !isFederations(type.name));
const fieldsOf = (type: GraphQLNamedType) =>
  isObjectType(type) || isInterfaceType(type)
    ? Object.values(type.getFields()).filter((field) => !isFederations(field.name))
    : [];

/** Everything of a type that has no description, by its path. */
function undescribed(type: GraphQLNamedType): string[] {
  const input = isInputObjectType(type) ? Object.values(type.getFields()) : [];
  const values = isEnumType(type) ? type.getValues() : [];
  const parts = [...fieldsOf(type), ...input, ...values].map((part) => ({
    path: `${type.name}.${part.name}`,
    ...part,
  }));
  const given = fieldsOf(type).flatMap((field) =>
    field.args.map((one) => ({ path: `${type.name}.${field.name}(${one.name})`, ...one })),
  );
  return [...parts, ...given].filter((part) => !part.description?.trim()).map((part) => part.path);
}

/** A list of things with an identity that nobody bounds: neither a list of keys it is asked by, nor a number of how many at most. */
const isUnbounded = (field: GraphQLField<unknown, unknown>, entities: ReadonlySet<string>): boolean =>
  isListType(getNullableType(field.type)) &&
  entities.has(getNamedType(field.type).name) &&
  !field.args.some((argument) => isListType(getNullableType(argument.type)) || argument.name === 'first');

/** Tables, columns, indexes, constraints, functions: what a migration makes. */
const catalogue = (database: Database) =>
  rowsOf<{ line: string }>(
    database.connection,
    sql`select line from (
          select 'column ' || table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable || coalesce(column_default, '') as line
            from information_schema.columns where table_schema = 'public'
          union all select 'index ' || indexdef from pg_indexes where schemaname = 'public'
          union all select 'constraint ' || conname || ' ' || pg_get_constraintdef(oid) from pg_constraint where connamespace = 'public'::regnamespace
          union all select 'function ' || p.oid::regprocedure from pg_proc p where pronamespace = 'public'::regnamespace
            and not exists (select 1 from pg_depend d where d.objid = p.oid and d.deptype = 'e')
          union all select 'type ' || t.typname from pg_type t where typnamespace = 'public'::regnamespace and typtype in ('e', 'd')
        ) catalogue where line !~ '[ .]migration' order by line`,
  );

describe.each(subgraphs.map((definition) => [definition.name, definition] as const))('%s', (name, definition) => {
  test('composes alone', () => {
    const { errors } = composeServices([{ name, url: `http://${name}`, typeDefs: parse(definition.sdl) }]);
    // Whoever resolves Query.node knows foreign types by a hidden key alone; their owners add what is seen.
    const own = (errors ?? []).filter((error) => !error.message.includes('all of its fields are @inaccessible'));
    expect(own.map((error) => error.message)).toEqual([]);
  });

  test('has a rule for every root field', () => {
    const ruled = Object.fromEntries(ROOTS.map((root) => [root, Object.keys(definition.rules[root] ?? {}).sort()]));
    const declared = Object.fromEntries(
      ROOTS.map((root) => {
        const type = definition.schema.getType(root);
        return [
          root,
          type
            ? fieldsOf(type)
                .map((field) => field.name)
                .sort()
            : [],
        ];
      }),
    );
    expect(ruled).toEqual(declared);
  });

  test('says of every field, argument and value what it is', () => {
    expect(typesOf(definition).flatMap(undescribed)).toEqual([]);
  });

  test('bounds every list that grows: it is a connection with all four arguments', () => {
    const entities = new Set(keysOf(definition).map((key) => key.type));
    const fields = typesOf(definition).flatMap((type) =>
      fieldsOf(type).map((field) => ({ path: `${type.name}.${field.name}`, field })),
    );
    expect(fields.filter(({ field }) => isUnbounded(field, entities)).map(({ path }) => path)).toEqual([]);
    const connections = fields.filter(({ field }) => getNamedType(field.type).name.endsWith('Connection'));
    const given = connections.map(
      ({ path, field }) =>
        `${path}: ${field.args
          .map((one) => one.name)
          .filter((one) => /^(first|after|last|before)$/.test(one))
          .sort()
          .join(' ')}`,
    );
    expect(given).toEqual(connections.map(({ path }) => `${path}: after before first last`));
    for (const { field } of connections) {
      const connection = getNamedType(field.type);
      expect(fieldsOf(connection).map((one) => one.name)).toEqual(expect.arrayContaining(['edges', 'pageInfo']));
    }
  });

  test('has migrations that go down and up again', async () => {
    const store = await cloneDatabase(definition);
    const database = await openDatabase({
      url: store.url,
      entities: definition.features.flatMap((feature) => feature.entities),
      migrations: definition.migrations,
      poolSize: 2,
      idleSeconds: 10,
      statementTimeoutSeconds: 30,
      keepsStatements: true,
      log: createLogger('contract', 'silent'),
    });
    try {
      const before = await catalogue(database);
      expect(before.length).toBeGreaterThan(0);
      await database.orm.migrator.down({ to: 0 });
      expect(await catalogue(database)).toEqual([]);
      await database.migrate();
      expect(await catalogue(database)).toEqual(before);
    } finally {
      await database.close();
      await store.drop();
    }
  });

  describe('its entity door', () => {
    const graph = testSubgraph(definition);
    const keys = keysOf(definition).filter((key) => key.isResolvable);
    const snake = (name: string) => name.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toLowerCase();
    /** `Post` by `id` or `nodeId` is a `post_…`, `Analytics` by `postId` too. */
    const kindOf = (type: string, field: string) =>
      snake(/^(id|nodeId)$/.test(field) ? type : field.replace(/Id$/, ''));
    const ask = (type: string, key: object, viewer = anonymous) =>
      graph.as(viewer).run('query ($r: [_Any!]!) { _entities(representations: $r) { __typename } }', {
        r: [{ __typename: type, ...key }],
      });

    test('has a key for something', () => {
      expect(keys.length).toBeGreaterThan(0);
    });

    test.each(keys.map(({ type, field }) => [type, field]))(
      'answers null for a %s of an unknown %s',
      async (type, field) => {
        for (const viewer of [anonymous, userViewer(newId('user')), userViewer(newId('user'), 'admin')]) {
          expect(await ask(type, { [field]: newId(kindOf(type, field)) }, viewer)).toEqual({
            data: { _entities: [null] },
          });
        }
      },
    );

    test.each(keys.map(({ type, field }) => [type, field]))(
      'tells a %s’s %s that is none or another’s by its code',
      async (type, field) => {
        for (const [id, code] of [
          ['x', 'INVALID_ID'],
          ['', 'INVALID_ID'],
          ['a\0b', 'INVALID_ID'],
          [newId('nothing'), 'WRONG_ID_TYPE'],
        ] as const) {
          const { data, errors } = await ask(type, { [field]: id });
          expect(data).toEqual({ _entities: [null] });
          expect(errors?.map((error) => error.extensions?.['code'])).toEqual([code]);
        }
      },
    );
  });
});

test('each type is described by one subgraph at least; who does not describe it has a key of it', () => {
  const all = subgraphs.flatMap((definition) => typesOf(definition).map((type) => ({ definition, type })));
  const described = new Set(all.filter(({ type }) => type.description?.trim()).map(({ type }) => type.name));
  const lacking = all.filter(({ definition, type }) => {
    if (type.description?.trim() || ROOTS.includes(type.name) || type.name.startsWith('__')) return false;
    return !described.has(type.name) || !keysOf(definition).some((key) => key.type === type.name);
  });
  expect(
    lacking
      .map(({ definition, type }) => `${definition.name}: ${type.name}`)
      .filter((line) => !/: (ID|Int|Float|String|Boolean)$/.test(line)),
  ).toEqual([]);
});

test('all of them start and stop in one process, which is then over by itself', async () => {
  const stores = await Promise.all(subgraphs.map((definition) => cloneDatabase(definition)));
  const databases = Object.fromEntries(subgraphs.map((definition, index) => [definition.name, stores[index]?.url]));
  const limits = Object.assign({}, ...subgraphs.map(wideLimits)) as Record<string, string>;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [join(import.meta.dirname, 'contract.testing.ts'), JSON.stringify(databases)],
    { env: { ...process.env, ...limits, REDIS_URL: workerRedisUrl(), LOG_LEVEL: 'warn' }, timeout: 60_000 },
  );
  expect(stdout.trim().split('\n')).toEqual(subgraphs.map(({ name }) => `${name} ok 401`));
  await Promise.all(stores.map((store) => store.drop()));
});
