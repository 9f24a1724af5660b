import { firstHeading, renderMarkdown } from './post.markdown.ts';

const html = (source: string): string => renderMarkdown(source).html;

const harmlessTags = new Set(
  `a abbr b bdi bdo cite code del dfn em i ins kbd mark q s samp small strong sub sup u var wbr h1 h2 h3 h4 h5 h6 p ul ol li
  dl dt dd pre blockquote table caption thead tbody tfoot tr th td img details summary hr br figure figcaption`.split(
    /\s+/,
  ),
);
const harmlessAttributes = new Set(
  'href title rel src alt width height loading referrerpolicy class start reversed open align colspan rowspan'.split(
    ' ',
  ),
);
const tag = /<\/?([a-z0-9]+)((?:\s+[a-z]+(?:="[^"<>]*")?)*)\s*\/?>/g;

/** CPU time; the least of three tries where it is not less than `enough`: what else this process does may fall into any. */
function work(source: string, enough: number): { least: number; page: string } {
  let [least, page] = [Infinity, ''];
  for (let tries = 0; tries < 3 && least >= enough; tries++) {
    const before = process.cpuUsage();
    page = html(source);
    least = Math.min(least, process.cpuUsage(before).user);
  }
  return { least, page };
}

let harmless = 0;
/** The HTML of hostile text, held to less than a hundred times the work of harmless text of the same size. */
function hostileHtml(source: string): string {
  harmless ||= work('plain words of no harm. '.repeat(10_000), 0).least / 240_000;
  const limit = 100 * harmless * source.length;
  const { least, page } = work(source, limit);
  expect(least).toBeLessThan(limit);
  return page;
}

/** Reads sanitised HTML the strict way and names all that is not known to be harmless: an empty list is a safe page. */
function dangersIn(page: string): string[] {
  const dangers: string[] = [];
  for (const [whole, name = '', attributes = ''] of page.matchAll(tag)) {
    if (!harmlessTags.has(name)) dangers.push(whole);
    for (const [pair, attribute = '', value = ''] of attributes.matchAll(/([a-z]+)(?:="([^"]*)")?/g)) {
      if (!harmlessAttributes.has(attribute)) dangers.push(pair);
      const isAddress = attribute === 'href' || attribute === 'src';
      if (isAddress && !/^(?:https?:\/\/|mailto:|#|\/(?![/\\]))/i.test(value)) dangers.push(pair);
      if (attribute === 'class' && !/^language-[\w+#.-]+$/.test(value)) dangers.push(pair);
    }
  }
  if (/[<>]/.test(page.replace(tag, ''))) dangers.push(`a stray bracket in ${page}`);
  return dangers;
}

const vectors = [
  '<script>alert(1)</script>',
  '<ScRiPt src=//evil.example/x.js></ScRiPt>',
  '<scr<script>ipt>alert(1)</scr</script>ipt>',
  '<script\u0000>alert(1)</script>',
  '<script/x>alert(1)</script >',
  '</script><script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '<img/src="https://a.example/x.png"/onload=alert(1)>',
  '<img src="https://a.example/`onerror=alert(1)`" onerror = "alert(1)">',
  '<img src="javascript:alert(1)">',
  '<img src="data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+">',
  '<img srcset="javascript:alert(1) 1x, https://a.example/x.png 2x" src="https://a.example/x.png">',
  '<img src="https://a.example/x.png" alt="&quot; onerror=alert(1) x=&quot;">',
  '![x" onerror="alert(1)](https://a.example/x.png)',
  '![x](https://a.example/x.png"onerror="alert(1))',
  '<svg onload=alert(1)>',
  '<svg><script>alert(1)</script></svg>',
  '<svg><animate xlink:href=#x attributeName=href values=javascript:alert(1) /><a id=x><text>x</text></a></svg>',
  '<svg></p><style><a id="</style><img src=1 onerror=alert(1)>">',
  '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
  '<math><mi//xlink:href="data:x,<script>alert(1)</script>">',
  '<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>',
  '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
  '<xmp><img src=x onerror=alert(1)></xmp>',
  '<xmp></xmp><svg onload=alert(1)>',
  '<textarea><img title="</textarea><img src=x onerror=alert(1)>"></textarea>',
  '<title><a title="</title><img src=x onerror=alert(1)>">',
  '<template><script>alert(1)</script><img src=x onerror=alert(1)></template>',
  '<iframe src="javascript:alert(1)"></iframe>',
  '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
  '<noembed><img src=x onerror=alert(1)></noembed><noframes><script>alert(1)</script></noframes>',
  '<plaintext><script>alert(1)</script>',
  '<object data="javascript:alert(1)"></object><embed src="data:text/html,<script>alert(1)</script>">',
  '<applet code=x></applet><base href="javascript:alert(1)//">',
  '<meta http-equiv="refresh" content="0;url=javascript:alert(1)">',
  '<link rel=stylesheet href="javascript:alert(1)">',
  '<style>@import "javascript:alert(1)"; * { background: url(//evil.example) }</style>',
  '<p style="background:url(javascript:alert(1))">x</p>',
  '<p style="position:fixed;inset:0">x</p>',
  '<body onload=alert(1)>',
  '<details open ontoggle=alert(1)><summary>x</summary></details>',
  '<video><source onerror=alert(1)></video><audio src=x onerror=alert(1)>',
  '<marquee onstart=alert(1)>x</marquee>',
  '<select autofocus onfocus=alert(1)><option><script>alert(1)</script></select>',
  '<button formaction="javascript:alert(1)">x</button>',
  '<form action="javascript:alert(1)"><input type=submit formaction="javascript:alert(1)"></form>',
  '<input autofocus onfocus=alert(1)>',
  '<isindex type=image src=1 onerror=alert(1)>',
  '<a href="javascript:alert(1)">x</a>',
  '<a href="JaVaScRiPt:alert(1)">x</a>',
  '<a href="java\tscript:alert(1)">x</a>',
  '<a href="java&#10;script:alert(1)">x</a>',
  '<a href=" &#14; javascript:alert(1)">x</a>',
  '<a href="&#106;&#97;&#118;&#97;&#115;&#99;&#114;&#105;&#112;&#116;&#58;alert(1)">x</a>',
  '<a href="&#x6A&#x61&#x76&#x61script&colon;alert(1)">x</a>',
  '<a href="javascript&Tab;:alert(1)">x</a>',
  '<a href="\u0001javascript:alert(1)">x</a>',
  '<a href="vbscript:msgbox(1)">x</a>',
  '<a href="data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==">x</a>',
  '<a href="blob:https://a.example/1">x</a><a href="file:///etc/passwd">y</a>',
  '<a href="//evil.example">x</a>',
  '<a href="/\\evil.example">x</a>',
  '<a href="\\\\evil.example">x</a>',
  '<a href="https://a.example" onclick="alert(1)" style="x" id="location" name="cookie" target="_top" ping="//evil.example">x</a>',
  '<a href="https://a.example" rel="opener">x</a>',
  '<a xlink:href="javascript:alert(1)">x</a>',
  '[x](javascript:alert(1))',
  '[x](JAVASCRIPT:alert(1))',
  '[x](&#106;avascript:alert(1))',
  '[x](data:text/html,<script>alert(1)</script>)',
  '[x]( javascript:alert(1) "t")',
  '[x]: javascript:alert(1)\n\n[x]',
  '<javascript:alert(1)>',
  '![x](data:image/gif;base64,R0lGODlhAQABAAAAACw=)',
  '```js" onmouseover="alert(1)\nx\n```',
  '<code class="language-js evil" id=x>y</code>',
  '<p id="__proto__" name="constructor" class="modal" data-x="1" is="x-y" slot="s">x</p>',
  '<x-y onclick=alert(1)>x</x-y>',
  '<!--><img src=x onerror=alert(1)>-->',
  '<![CDATA[<img src=x onerror=alert(1)>]]>',
  '<?xml version="1.0"?><?php echo 1 ?><!DOCTYPE html [<!ENTITY x "<script>">]>',
  '<a href="https://a.example" title="</a><script>alert(1)</script>">x</a>',
  '<table><td background="javascript:alert(1)" style="x:expression(alert(1))">x',
  '<b <script>alert(1)</script>0',
  '<<script>alert(1)//<</script>',
  '<img """><script>alert(1)</script>">',
  '<div><p><a href="https://a.example"><svg/onload=alert(1)//',
];

describe('nothing that runs survives', () => {
  test.each(vectors)('%j', (vector) => {
    for (const source of [
      vector,
      `text ${vector} text`,
      `# ${vector}`,
      `> - ${vector}\n\n${vector}`,
      `| a |\n|---|\n| ${vector} |`,
    ]) {
      expect(dangersIn(html(source))).toEqual([]);
    }
  });

  test('the reader of this test sees what it should', () => {
    for (const page of [
      '<img src=x onerror=alert(1)>',
      '<a href="javascript:x">',
      '<p id="x">',
      '<svg></svg>',
      '<p',
      'a < b',
    ]) {
      expect([page, dangersIn(page).length > 0]).toEqual([page, true]);
    }
  });

  test('elements read in a mode of their own go with what they hold', () => {
    for (const name of ['script', 'style', 'textarea', 'xmp', 'noscript', 'svg', 'math', 'iframe']) {
      expect(html(`before\n\n<${name}>hidden</${name}>\n\nafter`).replace('<p></p>', '')).toBe(
        '<p>before</p>\n\n<p>after</p>',
      );
    }
  });

  test('a megabyte of open tags does not stop the process', () => {
    for (const unit of ['<b>', '<table><tr><td>', '<svg>'])
      expect(dangersIn(hostileHtml(unit.repeat(1_000_000 / unit.length)))).toEqual([]);
  });

  test('sanitised twice is the same as once, so that nothing mutates on the way', () => {
    for (const vector of vectors) {
      const once = html(vector);
      if (once.startsWith('<') && !once.includes('\n')) expect(dangersIn(html(once))).toEqual([]);
    }
  });
});

describe('what people write survives', () => {
  test.each([
    ['# One *two*', '<h1>One <em>two</em></h1>'],
    ['a **b** ~~c~~ `d`', '<p>a <strong>b</strong> <s>c</s> <code>d</code></p>'],
    ['- a\n- b', '<ul>\n<li>a</li>\n<li>b</li>\n</ul>'],
    ['3. a', '<ol start="3">\n<li>a</li>\n</ol>'],
    ['> quoted', '<blockquote>\n<p>quoted</p>\n</blockquote>'],
    ['```c++\na < b && c\n```', '<pre><code class="language-c++">a &lt; b &amp;&amp; c\n</code></pre>'],
    [
      '[a](https://a.example/?x=1&y=2 "t")',
      '<p><a href="https://a.example/?x=1&amp;y=2" title="t" rel="nofollow noopener ugc">a</a></p>',
    ],
    [
      'see https://a.example/b',
      '<p>see <a href="https://a.example/b" rel="nofollow noopener ugc">https://a.example/b</a></p>',
    ],
    ['<me@a.example>', '<p><a href="mailto:me@a.example" rel="nofollow noopener ugc">me@a.example</a></p>'],
    ['[in](/posts/a) [out](docs/b.md)', '<p><a href="/posts/a" rel="nofollow noopener ugc">in</a> out</p>'],
    [
      '![a](https://a.example/b.png "t")',
      '<p><img src="https://a.example/b.png" alt="a" title="t" loading="lazy" referrerpolicy="no-referrer" /></p>',
    ],
    ['![a](b.png)', '<p></p>'],
    ['a\n\n---\n\nb', '<p>a</p>\n<hr />\n<p>b</p>'],
    [
      'H<sub>2</sub>O <kbd>Ctrl</kbd> x<sup>2</sup> <del>no</del><br>',
      '<p>H<sub>2</sub>O <kbd>Ctrl</kbd> x<sup>2</sup> <del>no</del><br /></p>',
    ],
    [
      '<details><summary>More</summary>\n\ntext\n\n</details>',
      '<details><summary>More</summary>\n<p>text</p>\n</details>',
    ],
    ['<h1 align="center">Title</h1>', '<h1>Title</h1>'],
    ['<div align="center">inside</div>', 'inside'],
    ['<b>never closed', '<p><b>never closed</b></p>'],
    ['1 < 2 & 3 > 2', '<p>1 &lt; 2 &amp; 3 &gt; 2</p>'],
    ['`<script>alert(1)</script>`', '<p><code>&lt;script&gt;alert(1)&lt;/script&gt;</code></p>'],
    ['a\u0000b\u001b[0m\u202ec', '<p>ab[0mc</p>'],
  ])('%j', (source, expected) => {
    expect(html(source)).toBe(expected);
    expect(dangersIn(expected)).toEqual([]);
  });

  test('tables keep their alignment', () => {
    expect(html('| a | b |\n|:-:|--:|\n| 1 | 2 |').replace(/\n/g, '')).toBe(
      '<table><thead><tr><th align="center">a</th><th align="right">b</th></tr></thead>' +
        '<tbody><tr><td align="center">1</td><td align="right">2</td></tr></tbody></table>',
    );
  });
});

describe('the text', () => {
  test('is what a reader reads', () => {
    const source =
      '# A &amp; B\n\n*One*<br>two `x < y`\n\n- i\n- ii\n\n<p>p</p><p>q</p> \n\n&copy;&nbsp;2026 &amp;lt; ![alt](https://a.example/x.png)';
    expect(renderMarkdown(source).text).toBe('A & B One two x < y i ii p q © 2026 &lt;');
  });

  test('joins what is one word and parts what are two blocks', () => {
    expect(renderMarkdown('un<b>bel</b>ievable\n\n| a | b |\n|---|---|\n| c | d |').text).toBe('unbelievable a b c d');
  });

  test.each(['', ' ', '\n\n', '<script>x</script>', '\u0000'])('of %j is empty, and takes a minute', (source) => {
    expect(renderMarkdown(source)).toEqual({ html: '', text: '', excerpt: '', readingMinutes: 1 });
  });
});

describe('the excerpt', () => {
  test('is the text where it is short', () => {
    expect(renderMarkdown('A *short* one.').excerpt).toBe('A short one.');
    expect(renderMarkdown('x'.repeat(200)).excerpt).toBe('x'.repeat(200));
  });

  test('is cut after a word, with an ellipsis', () => {
    const { excerpt, text } = renderMarkdown('Seventeen wonderful, sentences. '.repeat(20));
    expect(excerpt.length).toBeLessThanOrEqual(201);
    expect(excerpt).toMatch(/\w…$/);
    expect(text.startsWith(excerpt.slice(0, -1))).toBe(true);
    expect(text.charAt(excerpt.length - 1)).toMatch(/[\s,.]/);
  });

  test('never cuts a character that people see as one', () => {
    for (const unit of ['👨‍👩‍👧‍👦', '🇵🇹', 'e\u0301', '𠮷', 'नि']) {
      const { excerpt } = renderMarkdown(unit.repeat(400));
      expect(excerpt.endsWith('…')).toBe(true);
      expect(excerpt.isWellFormed()).toBe(true);
      expect(excerpt.slice(0, -1).replaceAll(unit, '')).toBe('');
    }
  });

  test('cuts Chinese and Thai too, although they have no spaces', () => {
    expect([...renderMarkdown('我喜欢写文章。'.repeat(60)).excerpt].length).toBeLessThanOrEqual(201);
    expect(renderMarkdown('ฉันชอบเขียนบทความ'.repeat(60)).excerpt.length).toBeGreaterThan(100);
  });
});

describe('the reading time', () => {
  test('counts 230 words a minute, begun minutes included', () => {
    expect(renderMarkdown('word '.repeat(230)).readingMinutes).toBe(1);
    expect(renderMarkdown('word '.repeat(231)).readingMinutes).toBe(2);
    expect(renderMarkdown('word '.repeat(23_000)).readingMinutes).toBe(100);
  });

  test('counts the words of scripts without spaces', () => {
    expect(renderMarkdown('我喜欢写文章。'.repeat(200)).readingMinutes).toBeGreaterThanOrEqual(3);
  });
});

test('the first heading is found in Markdown and in HTML', () => {
  expect(firstHeading('text\n\n## A *b* &amp; `c`\n\n# D')).toBe('A b & c');
  expect(firstHeading('Title\n=====\n')).toBe('Title');
  expect(firstHeading('<h1 align="center"><img src="logo.svg"> <br>Logo</h1>\n\n# Later')).toBe('Logo');
  expect(firstHeading('# ![only a picture](x.png)\n\n## Words')).toBe('Words');
  expect(firstHeading('```\n# not this\n```')).toBeNull();
  expect(firstHeading('')).toBeNull();
});

describe('200 kB of hostile text takes less than a hundred times the work of harmless text', () => {
  const size = 200_000;
  const filled = (unit: string): string => unit.repeat(Math.ceil(size / unit.length)).slice(0, size);
  const grown = (line: (index: number) => string): string => {
    let text = '';
    for (let index = 0; text.length < size; index += 1) text += line(index);
    return text;
  };
  const hostile: [string, string][] = [
    ...[
      '[',
      '(((',
      '*',
      '_',
      '`',
      '![',
      '[](',
      '<div>',
      '<b>',
      '<ul><li>',
      '<table><tr><td>',
      '<blockquote>',
      '<a ',
      '<a href="',
      '> ',
      '- ',
      '1. ',
      '<!--',
      '**a *b ',
      '[a](',
      '~~',
      '|',
      '&#x',
      '\\',
      '<svg>',
      '<iframe>',
      'http://a.',
      'a@',
      '\u0301',
      'ก',
    ].map((unit): [string, string] => [unit, filled(unit)]),
    ['a <!--', `a ${filled('<!--')}`],
    ['a <![CDATA[', `a ${filled('<![CDATA[')}`],
    ['ever deeper lists', grown((index) => `${' '.repeat(index * 2)}- a\n`)],
    ['ever deeper quotes', grown((index) => `${'>'.repeat(index)} a\n`)],
    ['ever longer ticks', grown((index) => `${'`'.repeat(index % 600)} a `)],
    ['many references', grown((index) => `[r${index}]: /u\n`)],
    ['many tags', grown((index) => `<x${index}>`)],
    ['a wide table', `${'|a'.repeat(300)}\n${'|-'.repeat(300)}\n${filled('|\n')}`],
  ];
  test.each(hostile)('%s', (_name, source) => {
    expect(dangersIn(hostileHtml(source))).toEqual([]);
  });
});
