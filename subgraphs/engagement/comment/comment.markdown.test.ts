import { renderComment } from './comment.markdown.ts';

const htmlOf = (source: string): string => renderComment(source).html;

test('plain Markdown becomes HTML and text', () => {
  const { html, text } = renderComment('Well **done**, `x < 1`\nsecond line\n\n> quoted\n\n- one\n- two');
  expect(html).toContain('<strong>done</strong>');
  expect(html).toContain('<code>x &lt; 1</code>');
  expect(html).toContain('<br />');
  expect(html).toContain('<blockquote>');
  expect(text).toBe('Well done, x < 1\nsecond line\nquoted\none\ntwo');
});

test('headings, pictures and tables are words like others', () => {
  const html = htmlOf('# big\n\nbig\n===\n\n![pixel](https://evil.example/p.png)\n\n| a |\n|---|\n| b |');
  expect(html).not.toMatch(/<(h\d|img|table)/);
  expect(html).toContain('# big');
});

test('links earn no rank', () => {
  expect(htmlOf('[a](https://example.org "t") and https://example.com')).toBe(
    '<p><a href="https://example.org" title="t" rel="nofollow ugc noopener">a</a> and ' +
      '<a href="https://example.com" rel="nofollow ugc noopener">https://example.com</a></p>',
  );
});

test.each([
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '<svg/onload=alert(1)>',
  '[a](javascript:alert(1))',
  '[a](JaVaScRiPt:alert(1))',
  '[a](&#106;avascript:alert(1))',
  '[a](data:text/html,<script>alert(1)</script>)',
  '[a](vbscript:x)',
  '<javascript:alert(1)>',
  '[a](https://x.example/"onmouseover="alert(1))',
  '```"><script>alert(1)</script>\nx\n```',
  '<a href="javascript:alert(1)">x</a>',
  '[a](//evil.example)',
])('%s is harmless', (source) => {
  const html = htmlOf(source);
  const tags = html.match(/<[^>]*>/g) ?? [];
  expect(tags.join('')).not.toMatch(/script|onerror|onload|onmouseover=.alert|<img|<svg|href="(?!https?:|mailto:)/i);
});

test('code says its language, and nothing else', () => {
  expect(htmlOf('```ts\nx\n```')).toContain('<code class="language-ts">');
  expect(htmlOf('```a"b\nx\n```')).toContain('<code>');
});

test('what shows nothing has no text', () => {
  expect(renderComment('[a]: https://example.org').text).toBe('');
  expect(renderComment('---').text).toBe('');
});

test('the worst text is rendered in little time', () => {
  const before = process.cpuUsage();
  for (const part of ['> ', '- ', '[', '*', '`', '![', '<', '**a_', '[a](', '\\', '&#', '- > ']) {
    renderComment(part.repeat(Math.floor(10_000 / part.length)));
  }
  expect(process.cpuUsage(before).user / 1000).toBeLessThan(5000);
});
