import type { UserError } from 'kit/errors';

const length = { least: 3, most: 30 };

/** Names that would speak for the site, or that are words of its addresses and of programs. */
const reserved =
  `admin administrator root superuser sysadmin system support help helpdesk staff team official security abuse
  moderator moderators mod mods owner operator webmaster postmaster hostmaster mailer-daemon noreply no-reply me self you null
  nil none undefined nan true false void constructor prototype api www mail ftp smtp imap dns graphql health status blog about
  contact terms privacy legal login logout signin signup register account accounts settings profile password verify user users
  username anonymous guest deleted everyone all here channel nobody somebody search explore feed home index new edit create
  delete post posts comment comments tag tags community communities event events media notifications messages bookmarks billing
  payments broadsheet`.split(/\s+/);

/** Scripts in modern use (Unicode UAX #31, table 5); those of one line are written together. */
const scriptFamilies = [
  ...`Latin Cyrillic Greek Arabic Armenian Bengali Devanagari Ethiopic Georgian Gujarati Gurmukhi Hebrew Kannada Khmer Lao
    Malayalam Myanmar Oriya Sinhala Tamil Telugu Thaana Thai Tibetan`
    .split(/\s+/)
    .map((script) => [script]),
  ['Han', 'Hiragana', 'Katakana'],
  ['Han', 'Hangul'],
  ['Han', 'Bopomofo'],
].map((scripts) => new RegExp(`^[0-9${scripts.map((script) => `\\p{scx=${script}}`).join('')}]*$`, 'u'));

/** Look-alikes of ASCII in both cases, as UTS #39 lists them, prototype first; by hand, the common ones only. */
const lookAlikes = `aаαɑ bвβьƅ cсϲƈ dԁɗ eеεєҽ gɡց hһнհ kкκ lіιıɩɪӏ|1iǀ mмμ nпηոռ oοо0σօߋ pрρ qԛգզ rгг sѕʂ tтτ uυսʋ vνѵ
  wωԝѡ xхχ yуγүʏ zζᴢ jјϳ 3зҙ 6б fғſ`;

const prototypes: ReadonlyMap<string, string> = new Map(
  lookAlikes.split(/\s+/).flatMap(([prototype = '', ...others]) => others.map((other) => [other, prototype] as const)),
);

const separators = /[._-]/g;
const invisible = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Z}\p{Default_Ignorable_Code_Point}]/u;

/**
 * What is wrong with a username; nothing wrong is an empty list. Length is counted in characters (code points) of the
 * composed form. Letters and digits are of one script family, as Unicode's "single script" restriction level asks (UTS #39).
 */
export function checkUsername(name: string): UserError[] {
  if (name.length > 4 * length.most) return [tooLongOrShort()];
  const composed = name.normalize('NFC');
  if (invisible.test(composed)) return [problem('A username has no spaces, control or invisible characters.')];
  const count = [...composed].length;
  if (count < length.least || count > length.most) {
    return [tooLongOrShort()];
  }
  return [shapeProblem(composed), scriptProblem(composed), reservedProblem(composed)].filter((found) => found !== null);
}

/** The form by which usernames are compared: NFKC, case folded (ß is ss, ς is σ). Folding a folded name changes nothing. */
export function foldUsername(name: string): string {
  return name
    .toWellFormed()
    .normalize('NFKC')
    .toLowerCase()
    .toUpperCase()
    .toLowerCase()
    .normalize('NFKC')
    .replace(/ς/g, 'σ');
}

/**
 * What a reader sees at a glance, after UTS #39's skeleton: names of equal skeleton are look-alikes. Folds, takes off
 * separators and invisible characters, maps confusable letters to one, then "rn" to m and "vv" to w. Idempotent.
 */
export function skeletonOf(name: string): string {
  const bare = foldUsername(name)
    .normalize('NFD')
    .replace(separators, '')
    .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
    .replace(/[æœ]/g, (ligature) => (ligature === 'æ' ? 'ae' : 'oe'));
  const seen = [...bare].map((letter) => prototypes.get(letter) ?? letter).join('');
  return seen.replace(/rn/g, 'm').replace(/vv/g, 'w').normalize('NFD');
}

function problem(message: string): UserError {
  return { field: ['username'], message, code: 'BAD_USER_INPUT' };
}

function tooLongOrShort(): UserError {
  return problem(`A username has ${length.least} to ${length.most} characters.`);
}

function shapeProblem(name: string): UserError | null {
  if (!/^[\p{L}\p{Nd}\p{M}._-]+$/u.test(name)) return problem('A username has letters, digits, and single _ - . only.');
  if (/^[._-]|[._-]$|[._-]{2}/.test(name))
    return problem('In a username _ - . stand alone, between letters or digits.');
  if (!/\p{L}/u.test(name)) return problem('A username has at least one letter.');
  if (/^\p{M}|\p{M}{3}|[._-]\p{M}/u.test(name))
    return problem('A username has no heaps of marks, and none without a letter.');
  return null;
}

function scriptProblem(name: string): UserError | null {
  // Thai and Lao am are everyday letters although NFKC takes them apart; other compatibility forms imitate plain ones.
  const plain = name.replace(/[\u0e33\u0eb3]/g, '');
  if (plain.normalize('NFKC') !== plain) return problem('A username is written in plain letters, not in styled ones.');
  const letters = name.replace(separators, '');
  if (scriptFamilies.some((family) => family.test(letters))) return null;
  return problem('A username is written in one alphabet.');
}

const reservedSkeletons: ReadonlySet<string> = new Set(reserved.map(skeletonOf));

function reservedProblem(name: string): UserError | null {
  return reservedSkeletons.has(skeletonOf(name)) ? problem('That username is reserved.') : null;
}
