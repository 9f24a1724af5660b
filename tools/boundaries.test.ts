import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const repository = join(import.meta.dirname, '..');

interface Cruise {
  readonly modules: readonly { source: string; dependencies: readonly { resolved: string; module: string }[] }[];
  readonly summary: { violations: readonly { from: string; to: string; rule: { name: string } }[] };
}

const workspace = (name: string, dependencies: object) =>
  JSON.stringify({ name, type: 'module', exports: { './*': './*.ts' }, dependencies });

/** A repository that keeps every rule, with one example of each thing that is allowed and looks like a violation. */
const CLEAN: Readonly<Record<string, string>> = {
  'package.json': JSON.stringify({ name: 'mini', type: 'module', devDependencies: { checker: '1' } }),
  'node_modules/zod/package.json': JSON.stringify({ name: 'zod', main: 'index.js' }),
  'node_modules/zod/index.js': '',
  'node_modules/checker/package.json': JSON.stringify({ name: 'checker', main: 'index.js' }),
  'node_modules/checker/index.js': '',
  'kit/package.json': workspace('kit', { zod: '1' }),
  'gateway/package.json': workspace('gateway', { kit: '1', zod: '1' }),
  'subgraphs/package.json': workspace('subgraphs', { kit: '1', zod: '1' }),
  'local/package.json': workspace('local', { kit: '1', gateway: '1', subgraphs: '1' }),
  'kit/config.ts': `import 'zod'; import { join } from 'node:path'; import type { Page } from './page.ts'; export const config = join; export type Config = Page;`,
  'kit/page.ts': `import type { Config } from './config.ts'; export type Page = Config | 1;`,
  'kit/config.test.ts': `import 'checker'; import './config.ts';`,
  'gateway/gateway.ts': `import { config } from 'kit/config'; import 'zod'; export const gateway = config;`,
  'edge/sessions.ts': `import { config } from 'kit/config'; export const sessions = config;`,
  'gateway.config.ts': `import { gateway } from 'gateway/gateway'; import { sessions } from './edge/sessions.ts'; import { config } from 'kit/config'; export const settings = [gateway, sessions, config];`,
  'subgraphs/start.ts': `import { users } from './users/subgraph.ts'; import { content } from './content/subgraph.ts'; export const subgraphs = [users, content];`,
  'subgraphs/access/post-access.ts': `import { config } from 'kit/config'; export const access = config;`,
  'subgraphs/users/subgraph.ts': `import { user } from './user/index.ts'; import { access } from '../access/post-access.ts'; export const users = [user, access];`,
  'subgraphs/users/migrations/0001-users.ts': 'export const first = 1;',
  'subgraphs/users/user/index.ts': `import { first } from '../migrations/0001-users.ts'; import { resolvers } from './user.resolvers.ts'; export const user = [first, resolvers];`,
  'subgraphs/users/user/user.entity.ts': `import 'kit/config'; export class User {}`,
  'subgraphs/users/user/user.actions.ts': `import { User } from './user.entity.ts'; export const save = User;`,
  'subgraphs/users/user/user.queries.ts': `import { User } from './user.entity.ts'; export const usersOf = User;`,
  'subgraphs/users/user/user.resolvers.ts': `import type { User } from './user.entity.ts'; import type { Resolvers } from '../../../schema/types/users.ts'; import { usersOf } from './user.queries.ts'; export const resolvers: Resolvers | User = usersOf;`,
  'subgraphs/users/follow/follow.entity.ts': `import { User } from '../user/user.entity.ts'; export class Follow extends User {}`,
  'subgraphs/users/follow/follow.actions.ts': `import { save } from '../user/user.actions.ts'; export const follow = save;`,
  'subgraphs/content/subgraph.ts': 'export const content = 1;',
  'schema/types/users.ts': 'export type Resolvers = unknown;',
  'schema/types/content.ts': 'export type Resolvers = unknown;',
  'local/start.ts': `import { subgraphs } from 'subgraphs/start'; import { gateway } from 'gateway/gateway'; export const all = [subgraphs, gateway];`,
  'tools/compose.ts': `import 'checker'; import { subgraphs } from 'subgraphs/start'; export const composed = subgraphs;`,
};

/** Per rule, files that break it and nothing else: the file, what it imports, and how. */
const PLANTED: readonly (readonly [rule: string, file: string, code: string])[] = [
  ['kit-knows-no-product', 'kit/planted.ts', `import 'subgraphs/start';`],
  [
    'kit-knows-no-product',
    'kit/planted-type.ts',
    `import type { gateway } from 'gateway/gateway'; export type A = typeof gateway;`,
  ],
  ['gateway-knows-no-subgraph', 'gateway/planted.ts', `import 'subgraphs/start';`],
  ['gateway-knows-no-subgraph', 'gateway/planted-local.ts', `import 'local/start';`],
  ['gateway-config-is-small', 'gateway.config.ts', `import 'local/start';`],
  ['gateway-config-is-small', 'edge/planted.ts', `import 'subgraphs/start';`],
  ['subgraphs-are-islands', 'subgraphs/content/planted.ts', `import '../users/user/user.actions.ts';`],
  ['subgraphs-are-islands', 'subgraphs/content/planted-alias.ts', `import 'subgraphs/users/subgraph';`],
  ['subgraphs-are-islands', 'subgraphs/content/planted-start.ts', `import '../start-one.ts';`],
  ['subgraphs-stand-on-kit', 'subgraphs/content/planted-gateway.ts', `import 'gateway/gateway';`],
  [
    'subgraphs-stand-on-kit',
    'subgraphs/content/planted-types.ts',
    `import type { Resolvers } from '../../schema/types/users.ts'; export type A = Resolvers;`,
  ],
  [
    'resolvers-take-entities-as-types',
    'subgraphs/users/user/planted.resolvers.ts',
    `import { User } from './user.entity.ts'; export const a = User;`,
  ],
  ['entities-import-entities', 'subgraphs/users/user/planted.entity.ts', `import './user.queries.ts';`],
  ['features-use-the-door', 'subgraphs/users/follow/planted.ts', `import '../user/user.queries.ts';`],
  ['features-use-the-door', 'subgraphs/users/follow/planted-index.ts', `import '../user/index.ts';`],
  ['product-ignores-tools-and-tests', 'local/planted.ts', `import '../tools/compose.ts';`],
  ['product-ignores-tools-and-tests', 'kit/planted-test.ts', `import './config.test.ts';`],
  ['product-declares-its-packages', 'kit/planted-dev.ts', `import 'checker';`],
  ['product-declares-its-packages', 'local/planted-dev.ts', `import 'zod';`],
  ['no-cycles', 'kit/planted-cycle.ts', `import { b } from './planted-return.ts'; export const a = () => b;`],
  [
    'gateway-types-have-an-order',
    'gateway/planted-cycle.ts',
    `import type { B } from './planted-return.ts'; export type A = B | 1;`,
  ],
  ['every-import-resolves', 'tools/planted.ts', `import './nowhere.ts';`],
];
/** What the planted files need beside them; access's two rules cannot be broken apart. */
const COMPANIONS: Readonly<Record<string, string>> = {
  'subgraphs/start-one.ts': 'export const one = 1;',
  'kit/planted-return.ts': `import { a } from './planted-cycle.ts'; export const b = () => a;`,
  'gateway/planted-return.ts': `import type { A } from './planted-cycle.ts'; export type B = A | 2;`,
  'subgraphs/access/planted.ts': `import '../users/subgraph.ts';`,
};

async function cruise(files: Readonly<Record<string, string>>): Promise<Cruise> {
  const root = mkdtempSync(join(tmpdir(), 'boundaries-'));
  try {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), content);
    }
    for (const name of ['kit', 'gateway', 'subgraphs', 'local'])
      symlinkSync(`../${name}`, join(root, 'node_modules', name));
    for (const name of ['.dependency-cruiser.cjs', 'tsconfig.json']) cpSync(join(repository, name), join(root, name));
    const binary = join(repository, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
    const sources = ['kit', 'gateway', 'subgraphs', 'local', 'tools', 'edge', 'gateway.config.ts'];
    const { stdout } = await promisify(execFile)(process.execPath, [binary, '--output-type=json', ...sources], {
      cwd: root,
      maxBuffer: 32 * 1024 * 1024,
    });
    return JSON.parse(stdout) as Cruise;
  } finally {
    rmSync(root, { recursive: true });
  }
}

let violated: Cruise;

beforeAll(async () => {
  violated = await cruise({
    ...CLEAN,
    ...COMPANIONS,
    ...Object.fromEntries(PLANTED.map(([, file, code]) => [file, code])),
  });
});

const rulesBrokenBy = (file: string) =>
  violated.summary.violations.filter(({ from }) => from === file).map(({ rule }) => rule.name);

test('a tree that keeps the rules passes, and its workspace imports are followed', async () => {
  const { modules, summary } = await cruise(CLEAN);
  expect(summary.violations).toEqual([]);
  const gateway = modules.find(({ source }) => source === 'gateway/gateway.ts');
  expect(gateway?.dependencies).toContainEqual(
    expect.objectContaining({ module: 'kit/config', resolved: 'kit/config.ts' }),
  );
});

test.each(PLANTED)('%s refuses what %s does', (rule, file) => {
  expect(rulesBrokenBy(file)).toEqual([rule]);
});

test('access-stands-on-kit refuses an island in the kernel', () => {
  expect(rulesBrokenBy('subgraphs/access/planted.ts')).toContain('access-stands-on-kit');
});

test('every rule has a violation here', () => {
  const { forbidden } = createRequire(import.meta.url)('../.dependency-cruiser.cjs') as {
    forbidden: { name: string }[];
  };
  const planted = new Set(['access-stands-on-kit', ...PLANTED.map(([rule]) => rule)]);
  expect(forbidden.map(({ name }) => name).sort()).toEqual([...planted].sort());
});

test('nothing else than what was planted is refused', () => {
  const planted = new Set([...Object.keys(COMPANIONS), ...PLANTED.map(([, file]) => file)]);
  expect(violated.summary.violations.filter(({ from }) => !planted.has(from))).toEqual([]);
});
