import { basename, extname } from 'node:path';
import { momentOf } from 'kit/moment';
import { firstHeading } from 'subgraphs/content/post/post.markdown';
import { parse } from 'yaml';

/** A file as it will be posted. */
export interface ImportedDocument {
  readonly title: string;
  readonly markdown: string;
  readonly tags: readonly string[];
  /** ISO 8601, or null where the file does not say. */
  readonly writtenAt: string | null;
  readonly isDraft: boolean;
}

/** Why a file is not imported, in words for the summary. */
export class Refusal extends Error {}

const FRONT_MATTER = /^---[ \t]*\r?\n([\s\S]*?)\r?\n(?:---|\.\.\.)[ \t]*(?:\r?\n|$)/;
const MAX_CHARACTERS = 200_000;
const MAX_TITLE = 200;

/** Reads a Markdown file's bytes. Throws Refusal where it is no text, empty, or too long. */
export function readDocument(path: string, bytes: Uint8Array): ImportedDocument {
  const text = decode(bytes).replace(/^\ufeff/, '');
  const [block, yaml] = FRONT_MATTER.exec(text) ?? [];
  const markdown = block === undefined ? text : text.slice(block.length);
  if (markdown.trim() === '') throw new Refusal('it is empty');
  if (markdown.length > MAX_CHARACTERS)
    throw new Refusal(`it is longer than ${MAX_CHARACTERS.toLocaleString('en')} characters`);
  const matter = yaml === undefined ? {} : readFrontMatter(yaml);
  return {
    title: titleOf(matter['title'], markdown, path),
    markdown,
    tags: tagsOf(matter['tags']),
    writtenAt: dateOf(matter['date']),
    isDraft: matter['draft'] === true,
  };
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Refusal('it is no UTF-8 text');
  }
}

/** YAML is data: the core schema only, aliases bounded, nothing is evaluated. */
function readFrontMatter(yaml: string): Record<string, unknown> {
  try {
    const value: unknown = parse(yaml, { schema: 'core', maxAliasCount: 50, prettyErrors: false });
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : {};
  } catch {
    throw new Refusal('its front matter is no YAML');
  }
}

function titleOf(given: unknown, markdown: string, path: string): string {
  const name = basename(path, extname(path));
  const candidates = [
    typeof given === 'string' || typeof given === 'number' ? String(given) : '',
    firstHeading(markdown) ?? '',
    name,
  ];
  const plain = candidates.map(plainText).find((title) => title !== '') ?? 'Untitled';
  return [...plain].slice(0, MAX_TITLE).join('');
}

/** One line without what cannot be shown. */
function plainText(title: string): string {
  return title
    .replace(/[\p{Cc}\p{Cs}\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

function tagsOf(given: unknown): readonly string[] {
  const listed = Array.isArray(given) ? given : typeof given === 'string' ? given.split(',') : [];
  const words = listed
    .map((tag) => String(tag).trim())
    .filter((tag) => /^[\p{L}\p{N}][\p{L}\p{N}\p{M}\s.+#_-]{0,39}$/u.test(tag));
  return [...new Set(words)].slice(0, 10);
}

const ZONE = /(Z|UTC?|GMT|[ECMP][SD]T|(GMT|UTC|:\d{2}(\.\d+)?)\s*[+-]\d{2}:?\d{2})$/i;

/** UTC where no zone is said, whatever zone this machine is in. */
function dateOf(given: unknown): string | null {
  const text = typeof given === 'string' ? given.trim() : '';
  const date = momentOf(text) ?? new Date(ZONE.test(text) ? text : `${text} UTC`);
  const time = date.getTime();
  return Number.isNaN(time) || time < 0 || time > Date.now() ? null : date.toISOString();
}
