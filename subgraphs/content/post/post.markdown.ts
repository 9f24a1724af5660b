import MarkdownIt, { type Env, type Token } from 'markdown-it';
import sanitizeHtml from 'sanitize-html';

export interface RenderedMarkdown {
  /** Safe to put into a page as it is. */
  html: string;
  /** What a reader reads: no markup, entities decoded, whitespace collapsed. For search and sentiment. */
  text: string;
  /** The first 200 characters or so of the text, cut at a word. */
  excerpt: string;
  readingMinutes: number;
}

/** Silent reading of English non-fiction: 238 words a minute (Brysbaert 2019, meta-analysis of 190 studies), rounded down. */
const wordsPerMinute = 230;
const excerptLength = 200;
/** Nobody writes deeper by hand, and some of markdown-it's rules cost the square of the depth. */
const maxNesting = 40;
const maxHtmlDepth = 100;
/** The HTML parser's cost grows with the square of the tags left open; honest text leaves a few. */
const maxOpenTags = 1_000;

const markdown = new MarkdownIt({ html: true, linkify: true, maxNesting });
markdown.linkify.set({ fuzzyLink: false, fuzzyEmail: false });
markdown.renderer.rules.html_block = boundedHtml;
markdown.renderer.rules.html_inline = boundedHtml;

// The sanitiser asks these lists in order, for each tag: the frequent ones come first.
const inlineTags = `a code em strong abbr b bdi bdo cite del dfn i ins kbd mark q s samp small sub sup u var wbr`.split(
  ' ',
);
const blockTags = `td tr p li br h1 h2 h3 h4 h5 h6 ul ol img pre blockquote th table thead tbody tfoot caption dl dt dd
  details summary hr figure figcaption`.split(/\s+/);

const safeHtml: sanitizeHtml.IOptions = {
  allowedTags: [...blockTags, ...inlineTags],
  allowedAttributes: {
    a: ['href', 'title', 'rel'],
    img: ['src', 'alt', 'title', 'width', 'height', 'loading', 'referrerpolicy'],
    code: ['class'],
    ol: ['start', 'reversed'],
    details: ['open'],
    abbr: ['title'],
    th: ['align', 'colspan', 'rowspan'],
    td: ['align', 'colspan', 'rowspan'],
  },
  allowedClasses: { code: [/^language-[\w+#.-]{1,40}$/] },
  allowedSchemes: ['http', 'https', 'mailto'],
  allowedSchemesByTag: { img: ['http', 'https'] },
  allowProtocolRelative: false,
  nestingLimit: maxHtmlDepth,
  /** Elements whose content browsers and parsers read in a mode of its own: the source of mutation attacks, so it goes too. */
  nonTextTags:
    `script style textarea xmp noscript svg math iframe noembed noframes plaintext object embed applet`.split(' '),
  transformTags: { a: link, img: image, th: cell, td: cell },
  exclusiveFilter: withoutAddress,
};

/**
 * Turns a post's Markdown (CommonMark, tables, strikethrough, bare links, harmless HTML) into what is shown, searched and
 * listed. Takes any string and never throws; the caller limits its length (1 MB of hostile text takes seconds, not minutes).
 */
export function renderMarkdown(source: string): RenderedMarkdown {
  const html = safeHtmlOf(source);
  const text = textOf(html);
  return {
    html,
    text,
    excerpt: excerptOf(text),
    readingMinutes: Math.max(1, Math.ceil(wordsIn(text) / wordsPerMinute)),
  };
}

/** The text of the first heading that has any, in Markdown or HTML, of the first 64,000 characters; null without one. */
export function firstHeading(source: string): string | null {
  const html = safeHtmlOf(source.slice(0, 64_000));
  for (const { index, 0: opening } of html.matchAll(/<h[1-6]>/g)) {
    const end = html.indexOf(`</${opening.slice(1)}`, index);
    const heading = textOf(html.slice(index, end < 0 ? undefined : end));
    if (heading !== '') return heading;
  }
  return null;
}

function safeHtmlOf(source: string): string {
  return sanitizeHtml(markdown.render(cleaned(source), { openTags: 0 }), safeHtml).trim();
}

/** HTML as it was written, until too many tags stand open: from there on it is shown as text. */
function boundedHtml(tokens: readonly Token[], index: number, _options: unknown, env: Env = {}): string {
  const content = tokens[index]?.content ?? '';
  let open = Number(env.openTags ?? 0);
  for (const [, slash, name = ''] of content.matchAll(/<(\/?)([a-z][a-z0-9-]*)/gi)) {
    if (!/^(?:br|hr|img|wbr|input|meta|link|source|col)$/i.test(name))
      open = Math.max(0, open + (slash === '/' ? -1 : 1));
    if (open > maxOpenTags) return markdown.utils.escapeHtml(content);
  }
  env.openTags = open;
  return content;
}

/** Without lone surrogates, control characters (NUL, escapes) and overrides of writing direction, which hide what a text says. */
function cleaned(source: string): string {
  return source
    .toWellFormed()
    .replace(/\r\n?/g, '\n')
    .replace(/(?![\t\n])\p{Cc}|[\u202a-\u202e\ufeff]/gu, '');
}

/** A link out opens no door: no referrer's authority, no handle on this page. What is no address becomes plain text. */
function link(_name: string, { href = '', title }: sanitizeHtml.Attributes): sanitizeHtml.Tag {
  const isInside = /^(?:#|\/(?![/\\]))/.test(href);
  if (!isInside && !/^(?:https?:\/\/|mailto:)/i.test(href)) return { tagName: 'a', attribs: {} };
  return { tagName: 'a', attribs: { href, ...given({ title }), rel: 'nofollow noopener ugc' } };
}

/** Pictures come from addresses of the web; a path in somebody's repository shows nothing here. */
function image(_name: string, { src = '', alt = '', title, width, height }: sanitizeHtml.Attributes): sanitizeHtml.Tag {
  if (!/^https?:\/\//i.test(src)) return { tagName: 'img', attribs: {} };
  const size = given({ width: pixels(width), height: pixels(height) });
  return {
    tagName: 'img',
    attribs: { src, alt, ...given({ title }), ...size, loading: 'lazy', referrerpolicy: 'no-referrer' },
  };
}

/** Markdown's tables align by style, which is not allowed through: the old attribute says the same. */
function cell(tagName: string, { style = '', align, colspan, rowspan }: sanitizeHtml.Attributes): sanitizeHtml.Tag {
  const side = /^(?:left|center|right)$/.exec(align ?? /^text-align:(\w+)$/.exec(style)?.[1] ?? '')?.[0];
  return { tagName, attribs: given({ align: side, colspan: pixels(colspan), rowspan: pixels(rowspan) }) };
}

/** A link without an address leaves its words, a picture without one leaves nothing. */
function withoutAddress({ tag, attribs }: sanitizeHtml.IFrame): boolean | 'excludeTag' {
  if (tag === 'a' && attribs.href === undefined) return 'excludeTag';
  return tag === 'img' && attribs.src === undefined;
}

function given(attributes: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(attributes).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

function pixels(length: string | undefined): string | undefined {
  return /^\d{1,4}%?/.exec(length ?? '')?.[0];
}

const isInline = new Set(inlineTags);
const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"' };

/** Sanitised HTML has its angle brackets escaped except in tags, and four entities only: this need not be a parser. */
function textOf(html: string): string {
  return html
    .replace(/<\/?([a-z0-9]+)[^>]*>/g, (_tag, name: string) => (isInline.has(name) ? '' : ' '))
    .replace(/&(amp|lt|gt|quot);/g, (_entity, name: string) => entities[name] ?? '')
    .replace(/\s+/g, ' ')
    .trim();
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });
const words = new Intl.Segmenter('en', { granularity: 'word' });

/** Cut after the last word that fits; a word longer than the excerpt is cut between characters as people see them. */
function excerptOf(text: string): string {
  const head = text.slice(0, excerptLength * 5).replace(/[\ud800-\udbff]$/, '');
  const end = endOfGraphemes(head, text.length > head.length);
  if (end >= text.length) return text;
  let cut = 0;
  for (const { index, segment } of words.segment(head)) {
    if (index + segment.length > end) break;
    cut = index + segment.length;
  }
  const kept = head.slice(0, cut === 0 ? end : cut).replace(/[\s.,;:!?([{–—-]+$/, '');
  return `${kept}…`;
}

/** Where the first 200 graphemes of `head` end; its last one may go on after `head` and then does not count. */
function endOfGraphemes(head: string, goesOn: boolean): number {
  let count = 0;
  for (const { index, segment } of graphemes.segment(head)) {
    const end = index + segment.length;
    if (count === excerptLength || (goesOn && end === head.length)) return index;
    count += 1;
  }
  return head.length;
}

/** Words of every script: those that write without spaces are counted by Unicode's segmentation too. */
function wordsIn(text: string): number {
  let count = 0;
  for (const { isWordLike } of words.segment(text)) if (isWordLike) count += 1;
  return count;
}
