import { readFileSync } from 'node:fs';
import { createStatusOf } from 'gateway/rest/problem';
import { rest } from '../../edge/rest.ts';

const docs = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');
const statusOf = createStatusOf(rest.statuses);
/** Those of a request that is not read at all, or not in the form that is described, say theirs themselves. */
const OWN = new Set(['400', '405', '413', '415']);
const rows = [...docs.matchAll(/^\| (\d{3}) +\| (.+?) +\|$/gm)].map(([, status = '', words = '']) => {
  const codes = [...words.matchAll(/`([A-Z_]{5,})`/g)].map(([, code]) => code ?? '');
  return [status, codes] as const;
});

test('docs/errors.md names statuses', () => expect(rows.length).toBeGreaterThan(10));

test.each(rows.filter(([status]) => !OWN.has(status)))(
  'a problem of status %s has these codes: %j',
  (status, codes) => {
    expect(codes.map((code) => [code, statusOf(code)])).toEqual(codes.map((code) => [code, Number(status)]));
  },
);

test('every code of the product’s own paths is in the table', () => {
  for (const [code, status] of Object.entries(rest.statuses ?? {}))
    expect([code, rows.filter(([, codes]) => codes.includes(code)).map(([own]) => Number(own))]).toEqual([
      code,
      [status],
    ]);
});
