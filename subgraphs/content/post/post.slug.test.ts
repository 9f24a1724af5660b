import { slugCandidate, slugOf } from './post.slug.ts';

test.each([
  ['Hello, World!', 'hello-world'],
  ['  Crème Brûlée à la carte  ', 'creme-brulee-a-la-carte'],
  ['Straße, Æon, Øre, Łódź, İstanbul, ılık', 'strasse-aeon-ore-lodz-istanbul-ilik'],
  ["Don't panic: it’s only C & D", 'dont-panic-its-only-c-and-d'],
  ['Привет, мир! Ёлка и щука', 'privet-mir-elka-i-shchuka'],
  ['Київ', 'kiyiv'],
  ['Καλημέρα κόσμε', 'kalimera-kosme'],
  ['ｆｕｌｌ ｗｉｄｔｈ ①', 'full-width-1'],
  ['e\u0301tude', 'etude'],
  ['你好，世界', '你好-世界'],
  ['がんばって ください', 'がんばって-ください'],
  ['한국어 제목', '한국어-제목'],
  ['مرحبا بالعالم', 'مرحبا-بالعالم'],
  ['नमस्ते दुनिया', 'नमस्ते-दुनिया'],
  ['a/b\\c?d#e%f<g>', 'a-b-c-d-e-f-g'],
  ['--a--', 'a'],
])('%j reads as %j', (title, slug) => {
  expect(slugOf(title)).toBe(slug);
});

test.each(['', '   ', '!!!', '🎉🎉', '\u0000\u0007', '\ud800', '\u0301\u0301', 'ь'])(
  '%j still gets a slug',
  (title) => {
    expect(slugOf(title)).toBe('post');
  },
);

test('a long title is cut at a hyphen, within 80 characters', () => {
  const slug = slugOf('seventeen wonderful '.repeat(20));
  expect(slug.length).toBeLessThanOrEqual(80);
  expect(slug).toMatch(/^(?:seventeen-wonderful-)*(?:seventeen|seventeen-wonderful)$/);
  expect(slugOf('x'.repeat(500))).toBe('x'.repeat(80));
});

test('a cut never leaves half a character', () => {
  for (const title of ['𠮷'.repeat(200), `a${'𠮷'.repeat(200)}`]) {
    const slug = slugOf(title);
    expect(slug.isWellFormed()).toBe(true);
    expect(slug.length).toBeLessThanOrEqual(80);
  }
});

test('a slug survives a URL and is the slug of itself', () => {
  for (const title of [
    'Hello, World!',
    '你好，世界',
    'Straße',
    'a/../b?c=d',
    'नमस्ते',
    'Łódź '.repeat(40),
    '\u202Eabc',
  ]) {
    const slug = slugOf(title);
    expect(slugOf(slug)).toBe(slug);
    expect(new URL(`http://host/posts/${encodeURIComponent(slug)}`).pathname.split('/')).toHaveLength(3);
    expect(slug).toBe(slug.toLowerCase());
  }
});

test('a hostile title takes no time', () => {
  const work = (length: number): number => {
    const before = process.cpuUsage();
    for (let round = 0; round < 5; round++)
      for (const unit of ['-', ' ', 'ﷺ', '\u0301', 'a\u0301', "'", '𝕏']) slugOf(unit.repeat(length));
    return process.cpuUsage(before).user;
  };
  const ofThousand = work(1000);
  expect(work(200_000)).toBeLessThan(10 * ofThousand);
});

test('a taken slug counts up to four, then is random', () => {
  expect([1, 2, 3, 4].map((attempt) => slugCandidate('notes', attempt))).toEqual([
    'notes',
    'notes-2',
    'notes-3',
    'notes-4',
  ]);
  const random = new Set(Array.from({ length: 200 }, () => slugCandidate('notes', 5)));
  expect(random.size).toBeGreaterThan(195);
  for (const slug of random) expect(slug).toMatch(/^notes-[0-9a-hjkmnp-tv-z]{6}$/);
});

test('a candidate stays within 80 characters', () => {
  for (const attempt of [1, 2, 9]) expect(slugCandidate('y'.repeat(80), attempt).length).toBeLessThanOrEqual(80);
});
