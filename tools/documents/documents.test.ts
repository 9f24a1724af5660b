import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readManifest } from 'gateway/documents/manifest';
import { sha256 } from 'gateway/documents/normal-form';
import { piecesIn } from './files.ts';
import { manifestOf } from './manifest.ts';

const command = join(import.meta.dirname, 'documents.ts');
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'documents-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}
const run = (...given: string[]): string =>
  execFileSync(process.execPath, [command, ...given], { cwd: folder }).toString();
const fail = (...given: string[]) => {
  const { status, stderr } = spawnSync(process.execPath, [command, ...given], { cwd: folder });
  return [status, stderr.toString()] as const;
};
interface Written {
  readonly operations: readonly { id: string; name: string; type: string; body: string }[];
}
const written = (file = 'persisted-query-manifest.json'): Written =>
  JSON.parse(readFileSync(join(folder, file), 'utf8')) as Written;

test('operations of .graphql files and of code, with fragments of other files, by name', () => {
  write({
    'a/feed.graphql': '# the feed\nquery Feed { books { ...Shown } }\nquery Unread { books { id } }',
    'a/book.ts':
      'import { gql } from "@apollo/client";\nexport const Shown = gql`fragment Shown on Book { title ...Cover }`;',
    'b/cover.tsx':
      'const view = <div>{`query No { no }`}</div>;\nexport const Cover = /* GraphQL */ `fragment Cover on Book { id }`;',
    'b/rename.js':
      'export const Rename = gql`\n  mutation Rename($id: ID!) { renameBook(id: $id, title: "x") { ...Shown } }\n  ${Shown}\n`;',
    'b/node_modules/lib/x.ts': 'export const X = gql`query X { x }`;',
  });
  expect(run('--out', 'listed.json', 'a', 'b')).toBe('documents: 3 operations in listed.json\n');
  const { operations } = written('listed.json');
  expect(operations.map(({ name, type }) => [name, type])).toEqual([
    ['Feed', 'query'],
    ['Rename', 'mutation'],
    ['Unread', 'query'],
  ]);
  expect(operations[0]?.body).toBe(
    'query Feed {\n  books {\n    ...Shown\n  }\n}\n\nfragment Cover on Book {\n  id\n}\n\nfragment Shown on Book {\n  title\n  ...Cover\n}',
  );
  for (const { id, body } of operations) expect(id).toBe(sha256(body));
  expect(readManifest(readFileSync(join(folder, 'listed.json'), 'utf8'), 1000).size).toBe(3);
});

test('where nothing is found it says so, and writes the empty list all the same', () => {
  write({ 'a/none.ts': 'export const none = 1;', 'b/feed.graphql': 'query Feed { books { id } }' });
  const { status, stderr } = spawnSync(process.execPath, [command, 'a'], { cwd: folder });
  expect([status, stderr.toString()]).toEqual([
    0,
    'documents: warning: no operations found in a: a safelist of them lets nothing through\n',
  ]);
  expect(written().operations).toEqual([]);
  expect(spawnSync(process.execPath, [command, 'b'], { cwd: folder }).stderr.toString()).toBe('');
});

test('with the __typename that Apollo Client asks for', () => {
  write({ 'q.graphql': 'query Q { book { title ... on Book { id } sequel { __typename } } }' });
  run('--typenames', 'q.graphql');
  expect(written().operations[0]?.body.replaceAll(/\s+/g, ' ')).toBe(
    'query Q { book { title ... on Book { id __typename } sequel { __typename } __typename } }',
  );
});

test('the same operation twice is one', () => {
  write({ 'a.graphql': 'query Q { a }', 'b.ts': 'gql`query Q   { a }`' });
  expect(run('.')).toContain('1 operations');
});

test.each<[name: string, files: Record<string, string>, message: string]>([
  [
    'two operations of one name',
    { 'a.graphql': 'query Q { a }', 'b.graphql': 'query Q { b }' },
    'b.graphql: Q is something else in a.graphql',
  ],
  ['two fragments of one name', { 'a.graphql': 'fragment F on A { a } fragment F on A { b }' }, 'F is something else'],
  ['no name', { 'a.ts': '\n\ngql`{ a }`' }, 'a.ts:3: an operation without a name'],
  ['a fragment that is nowhere', { 'a.graphql': 'query Q { a { ...Gone } }' }, 'Q uses Gone, which is nowhere'],
  ['what is no GraphQL', { 'a.graphql': 'query Q {' }, 'a.graphql: Syntax Error'],
  ['code that is none', { 'a.ts': 'const = gql`query Q { a }`' }, 'a.ts:'],
])('%s is refused', (_name, files, message) => {
  write(files);
  expect(() => manifestOf(piecesIn(['.'], folder))).toThrow(message);
});

test('what is wrong is said all at once, and nothing is written', () => {
  write({ 'a.graphql': 'query Q { a { ...Gone } } { b }' });
  const [status, said] = fail('.');
  expect([status, said.trim().split('\n').length]).toEqual([1, 2]);
  expect(() => written()).toThrow('ENOENT');
});

test('operations that do not fit the schema are refused', () => {
  write({ 's.gql': 'type Query { a: Int }', 'a.graphql': 'query Q { b }', 'b.graphql': 'query R { a }' });
  expect(fail('--schema', 's.gql', 'a.graphql')[1]).toContain('a.graphql: Q: Cannot query field "b"');
  expect(run('--schema', 's.gql', 'b.graphql')).toContain('1 operations');
});

test('a path may be whole, as that of a client which lives elsewhere', () => {
  write({ 'client/a.graphql': 'query Q { a }' });
  expect(run(join(folder, 'client'))).toContain('1 operations');
});

test('without paths, and with one that is not there, it says what to do', () => {
  expect(fail()[1]).toContain('usage:');
  expect(fail('nowhere')[1]).toContain('nowhere: there is no such file or folder');
});
