import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keptSecret } from './config.ts';

const folder = mkdtempSync(join(tmpdir(), 'secrets-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a secret is made once, for its owner only', () => {
  const secret = keptSecret(folder, 'made');
  expect(secret).toMatch(/^[\w-]{32}$/);
  expect(keptSecret(folder, 'made')).toBe(secret);
  expect(statSync(join(folder, 'made')).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder)).toEqual(['made']);
});

test('one whose file was made and not written, as in a power cut, is made anew', () => {
  writeFileSync(join(folder, 'empty'), '');
  const secret = keptSecret(folder, 'empty');
  expect(secret).toMatch(/^[\w-]{32}$/);
  expect(readFileSync(join(folder, 'empty'), 'utf8').trim()).toBe(secret);
});
