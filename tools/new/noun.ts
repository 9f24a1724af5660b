/** One noun in every spelling that a feature needs. */
export interface Noun {
  /** Folder and file names: `reading-list`. */
  readonly kebab: string;
  /** Values and fields: `readingList`. */
  readonly camel: string;
  /** Types: `ReadingList`. */
  readonly pascal: string;
  /** The table, and the prefix of ids: `reading_list`. */
  readonly snake: string;
  /** In sentences: `reading list`. */
  readonly words: string;
  /** The list's field: `readingLists`. */
  readonly camelPlural: string;
  readonly wordsPlural: string;
}

/** A feature to be: where it goes and what its migration is called. */
export interface FeaturePlan {
  readonly subgraph: string;
  readonly noun: Noun;
  readonly migration: { readonly name: string; readonly className: string };
}

/** Words that the graph, the code or SQL already means something by. */
const TAKEN = new Set([
  'query',
  'mutation',
  'subscription',
  'node',
  'user',
  'order',
  'group',
  'table',
  'class',
  'new',
  'default',
]);

/** Throws where the text is no noun in kebab-case, such as `bookmark` or `reading-list`. */
export function nounOf(kebab: string): Noun {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(kebab) || kebab.length > 40) {
    throw new Error(
      `${JSON.stringify(kebab)} is no name of a feature: give a noun in kebab-case, such as reading-list`,
    );
  }
  if (TAKEN.has(kebab)) throw new Error(`${kebab} is taken; find a more telling noun`);
  const parts = kebab.split('-');
  const pascal = parts.map((part) => part.charAt(0).toUpperCase() + part.slice(1)).join('');
  const camel = pascal.charAt(0).toLowerCase() + pascal.slice(1);
  const words = parts.join(' ');
  return {
    kebab,
    camel,
    pascal,
    snake: parts.join('_'),
    words,
    camelPlural: plural(camel),
    wordsPlural: plural(words),
  };
}

function plural(noun: string): string {
  if (/[^aeiou]y$/.test(noun)) return `${noun.slice(0, -1)}ies`;
  return /(s|x|z|ch|sh)$/.test(noun) ? `${noun}es` : `${noun}s`;
}
