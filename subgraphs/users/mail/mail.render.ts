import type { Block, Letter } from './mail.templates.ts';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escape = (text: string): string => text.replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign);

/** A line break in a value would begin a header or a paragraph of its own. */
const oneLine = (text: string): string => text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();

export interface Rendered {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** The same words twice: as text, and as HTML in which nothing that people wrote is markup. */
export function render({ subject, blocks }: Letter, unsubscribeUrl: string | null = null): Rendered {
  const all: Block[] = [...blocks];
  if (unsubscribeUrl) all.push({ label: 'No more mails of this kind', url: unsubscribeUrl });
  const title = oneLine(subject).slice(0, 200);
  return {
    subject: title,
    text: `${all.map(asText).join('\n\n')}\n`,
    html: `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escape(title)}</title></head><body>${all.map(asHtml).join('')}</body></html>`,
  };
}

const asText = (block: Block): string =>
  typeof block === 'string' ? oneLine(block) : `${oneLine(block.label)}:\n${block.url}`;
const asHtml = (block: Block): string =>
  typeof block === 'string'
    ? `<p>${escape(oneLine(block))}</p>`
    : `<p><a href="${escape(block.url)}">${escape(oneLine(block.label))}</a></p>`;
