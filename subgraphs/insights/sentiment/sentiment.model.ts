import { emotionsOf } from './sentiment.lexicon.ts';
import type { Emotion } from './sentiment.lexicon.emotions.ts';
import { functionWords } from './sentiment.lexicon.modifiers.ts';
import { mentionsOf, type Mention } from './sentiment.model.clause.ts';
import { sentencesOf, type Sentence } from './sentiment.model.tokens.ts';

/** Names the model a stored result came from: change it whenever words or weights change, so that texts are analysed anew. */
export const modelVersion = 'lexicon-en-1';

export type SentimentLabel = 'POSITIVE' | 'NEUTRAL' | 'NEGATIVE';

export interface SentimentResult {
  /** −1 (all bad) to 1 (all good). */
  score: number;
  label: SentimentLabel;
  /** 0 (nothing to go by) to 1. */
  confidence: number;
  /** Each 0 to 1, independent of the others. */
  emotions: Record<Emotion, number>;
}

/** A score within ±0.2 is neutral: one word of the weakest grade does not make an opinion. */
const neutralWithin = 0.2;
/** VADER's α, which maps a sum of valences into −1..1. */
const normalisation = 15;

interface Judged {
  score: number;
  weight: number;
  mentions: readonly Mention[];
}

/**
 * The mood of an English text by a word list and rules (negation, boosters, contrast, emphasis, idioms, insults).
 * Takes any string and never throws; of a text in another language it says neutral, with little confidence.
 */
export function analyseSentiment(text: string): SentimentResult {
  const sentences = sentencesOf(text);
  const judged = sentences.map(judge);
  const weight = judged.reduce((sum, one) => sum + one.weight, 0);
  const score = weight === 0 ? 0 : judged.reduce((sum, one) => sum + one.score * one.weight, 0) / weight;
  const label = score >= neutralWithin ? 'POSITIVE' : score <= -neutralWithin ? 'NEGATIVE' : 'NEUTRAL';
  const mentions = judged.flatMap((one) => one.mentions);
  return {
    score: rounded(score),
    label,
    confidence: rounded(label === 'NEUTRAL' ? neutralConfidence(sentences, mentions) : moodConfidence(score, mentions)),
    emotions: emotionsIn(sentences, mentions),
  };
}

/** A sentence weighs by the root of its length (6 to 30 words), and a third of that where it says nothing: facts dilute, they do not decide. */
function judge(sentence: Sentence): Judged {
  const mentions = mentionsOf(sentence);
  const words = sentence.tokens.filter(({ kind }) => kind !== 'break').length;
  const weight = Math.sqrt(Math.max(6, Math.min(words, 30))) * (mentions.length === 0 ? 0.3 : 1);
  const sum = mentions.reduce((total, { valence }) => total + valence, 0);
  const emphasised = sum + Math.sign(sum) * 0.292 * sentence.exclamations;
  const isOnlyAsking = sentence.isQuestion && !mentions.some(({ isInsult }) => isInsult);
  const meant = emphasised * (isOnlyAsking ? 0.6 : 1);
  return { score: meant / Math.sqrt(meant * meant + normalisation), weight, mentions };
}

/** Confident where much was said and all of it points the same way. */
function moodConfidence(score: number, mentions: readonly Mention[]): number {
  const mass = mentions.reduce((sum, { valence }) => sum + Math.abs(valence), 0);
  const net = Math.abs(mentions.reduce((sum, { valence }) => sum + valence, 0));
  const agreement = mass === 0 ? 0 : net / mass;
  return Math.min(0.99, (0.3 + 0.7 * agreement) * (1 - Math.exp(-mass / 2.5)) * (0.6 + 0.4 * Math.abs(score)));
}

/** Neutral is believed only of a text that is English by its small words, and less where moods cancelled out. */
function neutralConfidence(sentences: readonly Sentence[], mentions: readonly Mention[]): number {
  const words = sentences.flatMap(({ tokens }) => tokens.filter(({ kind }) => kind === 'word'));
  if (words.length === 0) return 0;
  const small = words.filter(({ form }) => functionWords.has(form)).length;
  const english = Math.min(1, (small / words.length) * 3);
  const mass = mentions.reduce((sum, { valence }) => sum + Math.abs(valence), 0) / sentences.length;
  return (0.05 + 0.75 * english) / (1 + mass / 2);
}

function emotionsIn(sentences: readonly Sentence[], mentions: readonly Mention[]): Record<Emotion, number> {
  const sums: Record<Emotion, number> = { joy: 0, sadness: 0, anger: 0, fear: 0, surprise: 0, disgust: 0 };
  for (const { form, valence, isNegated, isInsult } of mentions) {
    const strength = Math.min(1, Math.abs(valence) / 3);
    const shown = new Set(form.split(' ').flatMap((word) => [...emotionsOf(word)]));
    if (isInsult && !isNegated) for (const emotion of ['anger', 'disgust'] as const) shown.add(emotion);
    if (isNegated && shown.delete('joy')) sums.sadness += strength / 2;
    else if (!isNegated) for (const emotion of shown) sums[emotion] += strength;
  }
  addUnweighed(sentences, sums);
  const scale = Math.sqrt(Math.max(1, sentences.length));
  for (const emotion of Object.keys(sums) as Emotion[])
    sums[emotion] = rounded(1 - Math.exp((-1.2 * sums[emotion]) / scale));
  return sums;
}

/** Surprise is neither good nor bad, so its words may be in no mention: they count a little wherever they stand. */
function addUnweighed(sentences: readonly Sentence[], sums: Record<Emotion, number>): void {
  for (const { tokens } of sentences) {
    for (const { form } of tokens) if (emotionsOf(form).includes('surprise')) sums.surprise += 0.4;
  }
}

/** Three decimals are more than the model knows. */
function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
