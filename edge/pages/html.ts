import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { RouteResponse } from 'gateway/hooks';
import { escaped } from '../escaped.ts';
import type { Field, Page } from './pages.ts';

const SCRIPT = readFileSync(new URL('page.js', import.meta.url), 'utf8');
const STYLE = `:root{color-scheme:light dark}
body{font:1.125rem/1.5 system-ui,sans-serif;max-width:36rem;margin:3rem auto;padding:0 1rem}
label,input{display:block}input{font:inherit;width:100%;box-sizing:border-box;padding:.5rem;margin:.25rem 0}
button{font:inherit;padding:.5rem 1rem;margin:1rem 0;cursor:pointer}
code{display:block;font-size:1rem;padding:.75rem;border:1px solid;overflow-wrap:anywhere;user-select:all}
.problem{font-weight:bold}.problem::before{content:"⚠ "}.done::before{content:"✓ "}`;

const sourceOf = (text: string): string => `'sha256-${hash('sha256', text, 'base64')}'`;

/** Only what stands in the page runs, and it speaks to this host alone. */
const policyOf = (isForm: boolean): string =>
  [
    "default-src 'none'",
    ...(isForm ? [] : [`script-src ${sourceOf(SCRIPT)}`, "connect-src 'self'", "require-trusted-types-for 'script'"]),
    `style-src ${sourceOf(STYLE)}`,
    "base-uri 'none'",
    `form-action ${isForm ? "'self'" : "'none'"}`,
    "frame-ancestors 'none'",
  ].join('; ');

/** No cache keeps it, no index lists it, no other window reaches it, and nobody hears where a reader came from. */
const responseOf = (status: number, body: string, isForm: boolean): RouteResponse => ({
  status,
  headers: {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': policyOf(isForm),
    'cross-origin-opener-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-robots-tag': 'noindex, nofollow',
  },
  body,
});

const documentOf = (title: string, site: string, main: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escaped(title)} – ${escaped(site)}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex, nofollow">
<meta name="referrer" content="no-referrer"><style>${STYLE}</style></head>
<body><main><h1>${escaped(title)}</h1>
${main}
</main></body></html>
`;

const paragraphs = (words: readonly string[]): string => words.map((each) => `<p>${escaped(each)}</p>`).join('\n');

/** No element of data ends within a text of it. */
const asData = (value: object): string => JSON.stringify(value).replaceAll('<', '\\u003c');

const inputOf = ({
  name,
  type,
  autocomplete,
  label,
  hint,
}: Field): string => `<label for="field">${escaped(label)}</label>
<input id="field" name="${escaped(name)}" type="${type}" autocomplete="${autocomplete}" autocapitalize="none" spellcheck="false" required aria-describedby="hint">
<p id="hint">${escaped(hint)}</p>`;

/** A page of the table, as it is answered. */
export function pageResponse({ title, words, button, field, act, again }: Page, site: string): RouteResponse {
  const data = { ...act, ...(field ? { field: field.name, label: `The ${field.label.toLowerCase()}` } : {}) };
  const why = act.act === 'ask' ? '' : ', to read the link without sending it anywhere';
  const main = `${paragraphs(words)}
<noscript><p>This page needs JavaScript${why}.</p></noscript>
<form id="form" method="post" hidden>${field ? inputOf(field) : ''}<button>${escaped(button)}</button></form>
<p id="outcome" role="status" tabindex="-1"></p>
${again ? `<p id="again" hidden><a href="${escaped(again.path)}">${escaped(again.words)}</a></p>` : ''}
<div id="shown" hidden><code id="code" tabindex="0" aria-label="Code"></code></div>
<script type="application/json" id="page">${asData(data)}</script>
<script>${SCRIPT}</script>`;
  return responseOf(200, documentOf(title, site, main), false);
}

export interface FormPage {
  readonly status: number;
  readonly title: string;
  readonly words: readonly string[];
  /** What posts to this very address; none where there is nothing to do. */
  readonly button?: string;
}

/** A page that needs no script: its one button posts to the address it was opened by. */
export function formResponse({ status, title, words, button }: FormPage, site: string): RouteResponse {
  const form = button === undefined ? '' : `<form method="post"><button>${escaped(button)}</button></form>`;
  const role = status === 200 ? 'status' : 'alert';
  const said = button === undefined ? `<div role="${role}">${paragraphs(words)}</div>` : paragraphs(words);
  return responseOf(status, documentOf(title, site, `${said}\n${form}`), true);
}
