import { emoticons } from './sentiment.lexicon.ts';

/** A word, mark or emoji of a sentence: `form` is what the lexicon knows, the rest is how it was typed. */
export interface Token {
  form: string;
  kind: 'word' | 'emoji' | 'emoticon' | 'break';
  isShouted: boolean;
  isStretched: boolean;
}

export interface Sentence {
  tokens: readonly Token[];
  exclamations: number;
  isQuestion: boolean;
}

/** More than this of one text is not read: what an author feels is clear long before. */
const maxCharacters = 100_000;
/** What has no full stop for so long is a list or a table, and is judged in pieces. */
const maxSentenceTokens = 50;

const address = /\b(?:https?:\/\/|www\.)\S+/gi;
const skinToneOrVariation = /[\u{1F3FB}-\u{1F3FF}\uFE0E\uFE0F\u200D]/gu;
const piece = /\d+\/\d+|[\p{L}\p{M}\p{N}]+(?:['-][\p{L}\p{M}\p{N}]+)*|\p{Extended_Pictographic}|[,;:()—–]/gu;

/** The sentences of a text, in order; URLs are left out, only the first 100,000 characters are read. */
export function sentencesOf(text: string): Sentence[] {
  const head = text
    .slice(0, maxCharacters)
    .toWellFormed()
    .normalize('NFC')
    .replace(/[‘’ʼ´`]/g, "'")
    .replace(skinToneOrVariation, '')
    .replace(address, ' ');
  const hasLowerCase = /\p{Ll}/u.test(head);
  const sentences: Sentence[] = [];
  for (const line of head.split(/\n+|(?<=[.!?…])(?=\s)/)) {
    const tokens = tokensOf(line, hasLowerCase);
    const exclamations = Math.min(3, line.split('!').length - 1);
    const isQuestion = line.trimEnd().endsWith('?');
    for (let from = 0; from < tokens.length; from += maxSentenceTokens) {
      sentences.push({ tokens: tokens.slice(from, from + maxSentenceTokens), exclamations, isQuestion });
    }
  }
  return sentences;
}

function tokensOf(line: string, hasLowerCase: boolean): Token[] {
  const tokens: Token[] = [];
  for (const chunk of line.split(/\s+/)) {
    const mark = emoticonOf(chunk);
    if (mark !== null) tokens.push({ form: mark, kind: 'emoticon', isShouted: false, isStretched: false });
    else for (const found of chunk.slice(0, 200).matchAll(piece)) tokens.push(tokenOf(found[0], hasLowerCase));
  }
  return tokens;
}

function emoticonOf(chunk: string): string | null {
  if (chunk.length === 0 || chunk.length > 8) return null;
  if (emoticons.has(chunk)) return chunk;
  const bare = chunk.replace(/[.,!?;]+$/, '');
  return emoticons.has(bare) ? bare : null;
}

function tokenOf(typed: string, hasLowerCase: boolean): Token {
  if (/^[,;:()—–]$/.test(typed)) return { form: typed, kind: 'break', isShouted: false, isStretched: false };
  if (/^\p{Extended_Pictographic}$/u.test(typed))
    return { form: typed, kind: 'emoji', isShouted: false, isStretched: false };
  const isStretched = /(\p{L})\1\1/u.test(typed);
  const form = typed.toLowerCase().replace(/(\p{L})\1{2,}/gu, '$1$1');
  const isShouted = hasLowerCase && typed.length > 1 && typed === typed.toUpperCase() && /\p{Lu}{2}/u.test(typed);
  return { form, kind: 'word', isShouted, isStretched };
}
