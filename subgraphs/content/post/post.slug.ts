import { randomInt } from 'node:crypto';
import type { Change } from 'kit/context';
import { sql } from 'kit/database';
import { type Id, toUuid } from 'kit/ids';

/** Longer slugs are cut by mail programs and chats that wrap links. */
const maxLength = 80;
const cutsAtHyphenFrom = 40;
const plainAttempts = 4;

const pairs = (text: string): [string, string][] =>
  text.split(/\s+/).map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]);

/** Letters whose reading no decomposition gives: Latin ligatures and strokes, then Cyrillic and Greek as passports write them. */
const readings: ReadonlyMap<string, string> = new Map(
  pairs(`ß=ss æ=ae œ=oe ø=o đ=d ð=d þ=th ł=l ħ=h ı=i ŋ=ng ŧ=t ĸ=k ſ=s ə=e ƒ=f ĳ=ij
    а=a б=b в=v г=g д=d е=e ё=e ж=zh з=z и=i й=y к=k л=l м=m н=n о=o п=p р=r с=s т=t у=u ф=f х=kh ц=ts ч=ch ш=sh
    щ=shch ъ= ы=y ь= э=e ю=yu я=ya і=i ї=yi є=ye ґ=g ў=u ј=j љ=lj њ=nj ћ=c ђ=dj џ=dz ѓ=gj ќ=kj ѕ=dz
    α=a β=v γ=g δ=d ε=e ζ=z η=i θ=th ι=i κ=k λ=l μ=m ν=n ξ=x ο=o π=p ρ=r σ=s ς=s τ=t υ=y φ=f χ=ch ψ=ps ω=o`),
);

/**
 * The part of a post's address that tells what it is about: lower-case letters and digits joined by hyphens, at most 80
 * characters, never empty. Latin, Cyrillic and Greek are written in ASCII; letters of other scripts stay as they are.
 */
export function slugOf(title: string): string {
  const readable = title
    .toWellFormed()
    .slice(0, 1000)
    .toWellFormed()
    .normalize('NFKC')
    .toLowerCase()
    .replace(/['’ʼ`´]/g, '')
    .replace(/&/g, ' and ');
  const joined = [...readable]
    .map(readingOf)
    .join('')
    .replace(/[^\p{L}\p{N}\p{M}]+/gu, '-')
    .replace(/(^|-)\p{M}+/gu, '$1')
    .replace(/^-+|-+$/g, '');
  return cut(joined, maxLength) || 'post';
}

/**
 * What to try when a slug is taken: attempt 1 is the slug itself, 2 to 4 count up, and from 5 on six random base-32
 * characters end the search, so that the thousandth "weekly-notes" does not ask a thousand times. At most 80 characters.
 */
export function slugCandidate(base: string, attempt: number): string {
  if (attempt <= 1) return base;
  const suffix = attempt <= plainAttempts ? String(attempt) : randomBase32(6);
  return `${cut(base, maxLength - suffix.length - 1)}-${suffix}`;
}

const SLUG_TRIES = 12;

/** The first free candidate. The slug's own primary key decides between two who want it at once. */
export async function takeSlug(tx: Change, base: string, id: Id): Promise<string> {
  for (let attempt = 1; attempt <= SLUG_TRIES; attempt++) {
    const slug = slugCandidate(base, attempt);
    const taken = await tx.rows(sql`
      insert into post_slug (slug, post_id) values (${slug}, ${toUuid(id)}) on conflict do nothing returning 1`);
    if (taken.length > 0) return slug;
  }
  throw new Error(`no free slug for ${base}`);
}

/** Marks are taken off only where the bare letter is read alike: in Hindi or Japanese they change the word. */
function readingOf(letter: string): string {
  const known = readings.get(letter);
  if (known !== undefined) return known;
  const bare = letter.normalize('NFKD').replace(/\p{M}/gu, '');
  if (/^[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}]+$/u.test(bare)) {
    return [...bare].map((one) => readings.get(one) ?? one).join('');
  }
  return /[\u0300-\u036f]/.test(letter) ? '' : letter;
}

/** Cut at a hyphen where there is one in the second half, and never inside a character. */
function cut(slug: string, length: number): string {
  if (slug.length <= length) return slug;
  const head = slug.slice(0, length + 1);
  const hyphen = head.lastIndexOf('-');
  const kept =
    hyphen >= cutsAtHyphenFrom ? head.slice(0, hyphen) : slug.slice(0, length).replace(/[\ud800-\udbff]$/, '');
  return kept.replace(/-+$/, '');
}

/** Crockford's alphabet: no i, l, o, u, which are misread or spell words. */
function randomBase32(length: number): string {
  return Array.from({ length }, () => '0123456789abcdefghjkmnpqrstvwxyz'[randomInt(32)] ?? '0').join('');
}
