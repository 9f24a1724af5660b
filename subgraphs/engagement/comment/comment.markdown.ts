import MarkdownIt from 'markdown-it';
import sanitizeHtml from 'sanitize-html';

export interface RenderedComment {
  readonly html: string;
  /** The words alone, for whoever counts or searches them. */
  readonly text: string;
}

// A comment is a remark under a text: it has no headings and brings no pictures of others' servers.
const markdown = new MarkdownIt({ html: false, linkify: true, breaks: true }).disable([
  'heading',
  'lheading',
  'image',
  'table',
]);

/** What is let through after rendering; the renderer makes nothing else, and is not trusted in that. */
const allowed: sanitizeHtml.IOptions = {
  allowedTags: ['p', 'br', 'hr', 'strong', 'em', 's', 'a', 'code', 'pre', 'blockquote', 'ul', 'ol', 'li'],
  allowedAttributes: { a: ['href', 'title', 'rel'], ol: ['start'] },
  allowedClasses: { code: [/^language-[\w+#.-]{1,30}$/] },
  allowedSchemes: ['http', 'https', 'mailto'],
  allowProtocolRelative: false,
  // The words of a stranger earn their links no rank.
  transformTags: { a: sanitizeHtml.simpleTransform('a', { rel: 'nofollow ugc noopener' }) },
};

/** Markdown as sanitised HTML and as plain text. Takes any text; the caller bounds its length. */
export function renderComment(source: string): RenderedComment {
  const tokens = markdown.parse(source, {});
  const html = sanitizeHtml(markdown.renderer.render(tokens, markdown.options, {}), allowed).trim();
  return {
    html,
    text: tokens
      .map(textOf)
      .join('')
      .replace(/\n{2,}/g, '\n')
      .trim(),
  };
}

type Token = ReturnType<typeof markdown.parse>[number];

function textOf(token: Token): string {
  if (token.children) return `${token.children.map(textOf).join('')}\n`;
  if (token.type === 'softbreak' || token.type === 'hardbreak') return '\n';
  return token.content;
}
