import type { InputChecks } from 'kit/input';

const MAX_TAGS = 10;

/** Tags are one whatever their case and width: `TypeScript` is `typescript`. */
export const foldTag = (tag: string): string => tag.normalize('NFKC').trim().toLowerCase().replace(/\s+/g, '-');

export function checkTags(check: InputChecks, tags: readonly string[]): string[] {
  const folded = [...new Set(tags.slice(0, 100).map(foldTag))].filter((tag) => tag !== '');
  check.that('tags', folded.length <= MAX_TAGS, `tags are at most ${MAX_TAGS}.`);
  for (const tag of folded.slice(0, MAX_TAGS)) {
    check.that('tags', /^[\p{L}\p{N}][\p{L}\p{N}\p{M}.+#_-]{0,39}$/u.test(tag), 'a tag is up to 40 letters, digits, - _ . + #.');
  }
  return folded;
}
