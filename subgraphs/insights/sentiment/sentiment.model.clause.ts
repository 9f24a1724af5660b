import { basesOf, emoticons, idiomsByFirstWord, isInsult, valenceOf, type Idiom } from './sentiment.lexicon.ts';
import { insultAddresses, insultFillers, insultsOfPeople } from './sentiment.lexicon.insults.ts';
import {
  boosters,
  contrasts,
  expectedVerbs,
  functionWords,
  negators,
  plainAdverbs,
  wishes,
} from './sentiment.lexicon.modifiers.ts';
import type { Sentence, Token } from './sentiment.model.tokens.ts';

/** A word or phrase that says something, where it stands, and what is left of its valence in this context. */
export interface Mention {
  at: number;
  form: string;
  valence: number;
  isNegated: boolean;
  isInsult: boolean;
}

const faults = new Set(
  `problem problems issue issues bug bugs crash crashes crashed trouble troubles complaint complaints regret regrets glitch
  glitches hassle drama fuss downtime flaw flaws outage outages regression regressions lag`.split(/\s+/),
);

/** VADER's figures where it has one: what negation leaves (0.74), what capitals add (0.733). */
const afterNegation = { good: -0.74, bad: -0.5, absentFault: 1.4 };
const forCapitals = 0.733;
const reachOfNegation = 3;

/** The telling words and phrases of a sentence, weighed by negation, boosters, contrast and emphasis. */
export function mentionsOf(sentence: Sentence): Mention[] {
  const { tokens } = sentence;
  const mentions: Mention[] = [];
  for (let at = 0; at < tokens.length; at += 1) {
    const idiom = idiomAt(tokens, at);
    if (idiom) {
      if (idiom.valence !== 0) mentions.push(phraseMention(tokens, at, idiom));
      at += idiom.words.length - 1;
      continue;
    }
    const mention = wordMention(tokens, at);
    if (mention) mentions.push(mention);
  }
  return weighContrast(tokens, mentions);
}

/** The longest idiom that starts here. One that says something may be inflected ("lets me down"), one of the trade may not. */
function idiomAt(tokens: readonly Token[], at: number): Idiom | undefined {
  const first = tokens[at];
  if (first?.kind !== 'word') return undefined;
  const candidates = [first.form, ...basesOf(first.form)].flatMap((form) => idiomsByFirstWord.get(form) ?? []);
  return candidates.find(({ words, valence }) =>
    words.every((word, offset) => {
      const token = tokens[at + offset];
      if (token?.kind !== 'word') return false;
      return word === '_' || word === token.form || (valence !== 0 && basesOf(token.form).includes(word));
    }),
  );
}

/** A phrase that holds its own "not" is not turned again by it; one before the phrase still turns it. */
function phraseMention(tokens: readonly Token[], at: number, idiom: Idiom): Mention {
  const isNegated = negationBefore(tokens, at);
  const valence = isNegated
    ? idiom.valence * (idiom.valence > 0 ? afterNegation.good : afterNegation.bad)
    : idiom.valence;
  return { at, form: idiom.words.join(' '), valence, isNegated, isInsult: idiom.valence <= -3 };
}

function wordMention(tokens: readonly Token[], at: number): Mention | null {
  const token = tokens[at];
  if (!token || token.kind === 'break') return null;
  const { form } = token;
  if (token.kind === 'emoticon')
    return { at, form, valence: emoticons.get(form) ?? 0, isNegated: false, isInsult: false };
  if (expectedVerbs.has(form) && negationBefore(tokens, at)) {
    return { at, form, valence: -1.7, isNegated: true, isInsult: false };
  }
  const isInsulting = isInsult(form) || isSaidOfPerson(tokens, at);
  const own = isInsulting ? Math.min(valenceOf(form), -2.6) : ownValence(tokens, at);
  if (own === 0) return null;
  const isNegated = negationBefore(tokens, at);
  const boosted = own * (1 + boostBefore(tokens, at)) * (token.isStretched ? 1.15 : 1);
  const shouted = token.isShouted ? boosted + Math.sign(boosted) * forCapitals : boosted;
  return { at, form, valence: turned(tokens, at, shouted, isNegated), isNegated, isInsult: isInsulting };
}

/** What a word says by itself, once its place shows that it is meant: not "looks like", not the "awfully" of "awfully slow". */
function ownValence(tokens: readonly Token[], at: number): number {
  const form = tokens[at]?.form ?? '';
  if (isNegator(form) || functionWords.has(form) || plainAdverbs.has(form))
    return form === 'too' ? tooMuch(tokens, at) : 0;
  const next = tokens[at + 1]?.form ?? '';
  if (boosters.has(form) && (valenceOf(next) !== 0 || valenceOf(tokens[at + 2]?.form ?? '') !== 0)) return 0;
  if (form === 'like' && !isVerbLike(tokens, at)) return 0;
  const whole = valenceOf(form);
  if (whole !== 0 || !form.includes('-')) return whole;
  const parts = form.split('-').map(valenceOf);
  return parts.find((part) => part !== 0) ?? 0;
}

/** "Too busy" complains, whatever the adjective; "me too" and "I too think" do not. */
function tooMuch(tokens: readonly Token[], at: number): number {
  const next = tokens[at + 1];
  const isBare = next?.kind === 'word' && !functionWords.has(next.form) && valenceOf(next.form) === 0;
  return isBare && !/^(?:me|i|we|you|this|that|he|she|they)$/.test(tokens[at - 1]?.form ?? '') ? -1.1 : 0;
}

/** "I like", "they don't like", "really like", "to like": a feeling; elsewhere it compares. */
function isVerbLike(tokens: readonly Token[], at: number): boolean {
  const before = tokens[at - 1]?.form ?? '';
  return /^(?:i|we|you|they|who|people|users|readers|to|do|did|don't|didn't|dont|doesn't|doesnt|really|also|not|never|would|i'd|quite|actually|personally|still)$/.test(
    before,
  );
}

/** Whether an innocent word is meant of a person: "you", "what a", "he is such an" before it. */
function isSaidOfPerson(tokens: readonly Token[], at: number): boolean {
  const form = tokens[at]?.form ?? '';
  if (!insultsOfPeople.has(form) && !(form.endsWith('s') && insultsOfPeople.has(form.slice(0, -1)))) return false;
  for (let before = at - 1; before >= Math.max(0, at - 6); before -= 1) {
    const word = tokens[before]?.form ?? '';
    if (insultAddresses.has(word)) return word !== 'what' || before < at - 1;
    if (!insultFillers.has(word)) return false;
  }
  return false;
}

/** Whether a negator stands within three telling words before; "not only" and what ends a clause do not reach over. */
function negationBefore(tokens: readonly Token[], at: number): boolean {
  let telling = 0;
  for (let before = at - 1; before >= 0 && before >= at - 10; before -= 1) {
    const token = tokens[before];
    if (!token || token.kind !== 'word' || contrasts.has(token.form)) return false;
    if (isNegator(token.form) && tokens[before + 1]?.form !== 'only') return true;
    if (!functionWords.has(token.form) && !boosters.has(token.form)) telling += 1;
    if (telling >= reachOfNegation) return false;
  }
  return false;
}

function isNegator(form: string): boolean {
  return negators.has(form) || form.endsWith("n't");
}

/** The share that boosters and dampeners in the three words before add, the nearest counting most. */
function boostBefore(tokens: readonly Token[], at: number): number {
  let sum = 0;
  for (let distance = 1; distance <= 3; distance += 1) {
    const token = tokens[at - distance];
    if (!token || token.kind !== 'word') break;
    sum +=
      (boosters.get(token.form) ?? 0) * (1.05 - 0.05 * distance) * (token.isShouted || token.isStretched ? 1.4 : 1);
  }
  return Math.max(-0.6, Math.min(1, sum));
}

/** What negation, wishes, comparison and "used to" leave of a valence. */
function turned(tokens: readonly Token[], at: number, valence: number, isNegated: boolean): number {
  const form = tokens[at]?.form ?? '';
  const before = tokens.slice(Math.max(0, at - 5), at).map((token) => token.form);
  const isComparative = form.endsWith('er') || form === 'worse' || before.at(-1) === 'more';
  const isOutdone = isComparative && before.some((word) => nobody.has(word) || isNegatedWish(word, before));
  if (isOutdone) return valence * 1.3;
  if (isNegated && valence > 0) return valence * afterNegation.good;
  if (isNegated) return faults.has(form) ? afterNegation.absentFault : valence * afterNegation.bad;
  if (valence > 0 && isComparative && before.some((word) => wishes.has(word))) return -1;
  if (valence > 0 && before.at(-1) === 'too' && before.at(-2) !== 'me') return -1;
  if (before.some((word, index) => word === 'used' && before[index + 1] === 'to')) return valence * -0.5;
  return valence;
}

const nobody = new Set(['nobody', 'nothing', 'none']);

/** "Could be clearer" complains; "could not be clearer" praises. */
function isNegatedWish(word: string, before: readonly string[]): boolean {
  if (word.endsWith("n't")) return wishes.has(word.slice(0, -3));
  return wishes.has(word) && before[before.indexOf(word) + 1] === 'not';
}

/** What stands after "but" is what is meant: VADER halves what stands before and adds half to what follows. */
function weighContrast(tokens: readonly Token[], mentions: readonly Mention[]): Mention[] {
  const last = tokens.findLastIndex(
    ({ form, kind }, at) =>
      kind === 'word' && contrasts.has(form) && at > 0 && !isNotOnly(tokens, at) && !isNotYet(tokens, at),
  );
  if (last < 0) return [...mentions];
  return mentions.map((mention) => ({ ...mention, valence: mention.valence * (mention.at < last ? 0.5 : 1.5) }));
}

function isNotOnly(tokens: readonly Token[], at: number): boolean {
  return tokens.slice(0, at).some(({ form }, before) => form === 'only' && isNegator(tokens[before - 1]?.form ?? ''));
}

function isNotYet(tokens: readonly Token[], at: number): boolean {
  return tokens[at]?.form === 'yet' && tokens[at - 1]?.kind !== 'break';
}
