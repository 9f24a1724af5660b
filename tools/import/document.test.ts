import { execFileSync } from 'node:child_process';
import { readDocument, Refusal } from './document.ts';

const read = (text: string, path = 'notes/a-file.md') => readDocument(path, new TextEncoder().encode(text));
const refusalOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof Refusal) return error.message;
    throw error;
  }
  return 'accepted';
};

test('front matter says title, tags, date and draft', () => {
  const text = '---\ntitle: Hello\ntags: [one, "two words"]\ndate: 2020-02-03\ndraft: true\n---\n# Other\n\nText.';
  expect(read(text)).toEqual({
    title: 'Hello',
    markdown: '# Other\n\nText.',
    tags: ['one', 'two words'],
    writtenAt: '2020-02-03T00:00:00.000Z',
    isDraft: true,
  });
});

test.each([
  ['the first heading', 'Intro.\n\n# The *real* title\n\n## Later', 'The real title'],
  ['a heading under a line', 'A title\n=======\n\nText', 'A title'],
  ['not a comment in code', '```sh\n# not this\n```\n\n## This', 'This'],
  [
    'a heading with a link and a badge',
    '# [ws](https://x.example): sockets ![badge][1]\n\n[1]: https://x.example/b.svg',
    'ws: sockets',
  ],
  ['HTML’s heading', '<h1 align="center">Centred</h1>\n\nText', 'Centred'],
  ['the file’s name', 'No heading at all.', 'a-file'],
])('without a title in front matter it is %s', (_, text, title) => expect(read(text).title).toBe(title));

test('front matter is data and nothing else', () => {
  expect(read('---js\nprocess.exit(1)\n---\nText').markdown).toContain('process.exit');
  expect(refusalOf(() => read('---\ntitle: [unclosed\n---\nText'))).toBe('its front matter is no YAML');
  const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefgh'
    .split('')
    .map((name, n) => `${name}: &${name} [${`*${'abcdefg'[n]},`.repeat(9)}]`)
    .join('\n')}`;
  expect(refusalOf(() => read(`---\n${bomb}\n---\nText`))).toBe('its front matter is no YAML');
  const code = '---\ntitle: !!js/function "function () {}"\n---\nText';
  expect(refusalOf(() => read(code))).toBe('its front matter is no YAML');
});

test.each([
  ['nothing', ''],
  ['front matter alone', '---\ntitle: x\n---\n'],
  ['blanks', ' \n\t\n'],
])('%s is refused', (_, text) => expect(refusalOf(() => read(text))).toBe('it is empty'));

test('what is no text, or too much of it, is refused with the reason', () => {
  expect(refusalOf(() => readDocument('a.md', Uint8Array.of(0xff, 0xfe, 0x00)))).toBe('it is no UTF-8 text');
  expect(refusalOf(() => read('x'.repeat(200_001)))).toMatch(/longer than 200,000/);
});

test('odd values are left out, not taken for text', () => {
  const { tags, writtenAt, title, isDraft } = read(
    '---\ntitle: {a: 1}\ntags: {a: b}\ndate: tomorrow\ndraft: maybe\n---\nText',
  );
  expect({ tags, writtenAt, title, isDraft }).toEqual({ tags: [], writtenAt: null, title: 'a-file', isDraft: false });
  expect(read('---\ndate: 2999-01-01\n---\nText').writtenAt).toBeNull();
  expect(read(`---\ntitle: "${'long '.repeat(100)}"\n---\nText`).title.length).toBeLessThanOrEqual(200);
});

test.each([
  ['2024-07-01 10:00', '2024-07-01T10:00:00.000Z'],
  ['2024-07-01T10:00:30', '2024-07-01T10:00:30.000Z'],
  ['2024-07-01', '2024-07-01T00:00:00.000Z'],
  ['July 1, 2024', '2024-07-01T00:00:00.000Z'],
  ['2024-07-01 10:00:00 +0200', '2024-07-01T08:00:00.000Z'],
  ['2024-07-01T10:00:00Z', '2024-07-01T10:00:00.000Z'],
  ['07-01-2024', '2024-07-01T00:00:00.000Z'],
  ['Mon Jul 01 2024 10:00:00 GMT+0200', '2024-07-01T08:00:00.000Z'],
  ['2024-07-01 10:00 EST', '2024-07-01T15:00:00.000Z'],
])('the date %s is %s in every zone', (date, writtenAt) => {
  const file = new URL('document.ts', import.meta.url).href;
  const text = JSON.stringify(`---\ndate: ${date}\n---\nText`);
  const program = `import { readDocument } from '${file}'; console.log(readDocument('a.md', Buffer.from(${text})).writtenAt);`;
  const env = { ...process.env, TZ: 'America/New_York' };
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', program], { env }).toString();
  expect(said.trim()).toBe(writtenAt);
});
