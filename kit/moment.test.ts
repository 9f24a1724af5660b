import { execFileSync } from 'node:child_process';
import { momentOf } from './moment.ts';

test.each([
  ['2026-11-20T12:00:00Z', '2026-11-20T12:00:00.000Z'],
  ['2026-11-20T12:00:00.123456Z', '2026-11-20T12:00:00.123Z'],
  ['2026-11-20T12:00+02:00', '2026-11-20T10:00:00.000Z'],
  ['2024-02-29T23:59:59-05:30', '2024-03-01T05:29:59.000Z'],
  ['2026-11-20T12:00:00', '2026-11-20T12:00:00.000Z'],
  ['2026-11-20T12:00', '2026-11-20T12:00:00.000Z'],
])('%s is %s', (text, moment) => {
  expect(momentOf(text)?.toISOString()).toBe(moment);
});

test.each([
  ...['2026-02-29T12:00:00Z', '2026-02-30T12:00:00Z', '2026-04-31T00:00:00Z', '2026-13-01T00:00:00Z'],
  ...['2026-11-20T25:00:00Z', '2026-11-20T12:60:00Z', '2026-11-20', '2026-11-20 12:00:00Z', '20261120T120000Z'],
  ...['', 'T', 'tomorrow', '2026-11-20T', '2026-11-20T12:00:00Z\0', '+002026-11-20T12:00:00Z'],
])('%j is no moment', (text) => {
  expect(momentOf(text)).toBeNull();
});

test('where no zone is said, it is UTC in every zone', () => {
  const file = new URL('moment.ts', import.meta.url).href;
  const program = `import { momentOf } from '${file}'; console.log(momentOf('2026-07-01T12:00:00').toISOString());`;
  const env = { ...process.env, TZ: 'America/New_York' };
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', program], { env }).toString();
  expect(said.trim()).toBe('2026-07-01T12:00:00.000Z');
});
