/**
 * The text of TypeIDs (github.com/jetify-com/typeid, specification 0.3) to and from that of UUIDs, by tables: a row is
 * mostly ids. A suffix is 128 bits in 26 digits of Crockford's base 32, of which the first has 3 bits. Whatever is not
 * plain is null here: `ids.ts` asks typeid-js about it, which knows how to refuse.
 */
const DIGITS = '0123456789abcdefghjkmnpqrstvwxyz';
const SUFFIX_LENGTH = 26;
const MAX_PREFIX_LENGTH = 63;
const NO_DIGIT = 255;
const UNDERSCORE = 0x5f;
const DASH = 0x2d;

function valuesOf(digits: string): Uint8Array {
  const values = new Uint8Array(256).fill(NO_DIGIT);
  for (let value = 0; value < digits.length; value++) values[digits.charCodeAt(value)] = value;
  return values;
}
const base32 = valuesOf(DIGITS);
const base16 = valuesOf('0123456789abcdef');
for (const digit of 'ABCDEF') base16[digit.charCodeAt(0)] = Number.parseInt(digit, 16);
const codes = Uint8Array.from(DIGITS, (digit) => digit.charCodeAt(0));

/** Used again by each call: none of them waits for anything. */
const bytes = new Uint8Array(16);
const text = Buffer.alloc(36);

const valueAt = (values: Uint8Array, given: string, index: number): number =>
  values[given.charCodeAt(index)] ?? NO_DIGIT;
const codeOf = (value: number): number => codes[value] as number;
const byteAt = (index: number): number => bytes[index] as number;

const isLetter = (code: number): boolean => code > 0x60 && code < 0x7b;

/** Whether the first `length` characters are 1 to 63 of [a-z_], neither starting nor ending with an underscore. */
function isPrefix(given: string, length: number): boolean {
  if (length < 1 || length > MAX_PREFIX_LENGTH) return false;
  if (!isLetter(given.charCodeAt(0)) || !isLetter(given.charCodeAt(length - 1))) return false;
  for (let index = 1; index < length - 1; index++) {
    const code = given.charCodeAt(index);
    if (!isLetter(code) && code !== UNDERSCORE) return false;
  }
  return true;
}

/** Where the suffix of a TypeID with a prefix starts; -1 where it is none. */
function suffixStart(id: string): number {
  const start = id.length - SUFFIX_LENGTH;
  if (start < 2 || id.charCodeAt(start - 1) !== UNDERSCORE || !isPrefix(id, start - 1)) return -1;
  if (valueAt(base32, id, start) > 7) return -1;
  for (let index = start + 1; index < id.length; index++) if (valueAt(base32, id, index) === NO_DIGIT) return -1;
  return start;
}

/** The prefix of a well-formed TypeID, or null. */
export function prefixOf(id: string): string | null {
  const start = suffixStart(id);
  return start < 0 ? null : id.slice(0, start - 1);
}

/** The UUID of a TypeID with a prefix; null where it is none, or its bits are no UUID of a version that there is. */
export function uuidOf(id: string): string | null {
  let at = suffixStart(id);
  if (at < 0) return null;
  bytes[0] = (valueAt(base32, id, at) << 5) | valueAt(base32, id, at + 1);
  at += 2;
  // Eight digits are five bytes; each half of them is 20 bits.
  for (let byte = 1; byte < 16; byte += 5, at += 8) {
    const high = bitsAt(id, at);
    const low = bitsAt(id, at + 4);
    bytes[byte] = high >> 12;
    bytes[byte + 1] = (high >> 4) & 255;
    bytes[byte + 2] = ((high & 15) << 4) | (low >> 16);
    bytes[byte + 3] = (low >> 8) & 255;
    bytes[byte + 4] = low & 255;
  }
  const version = byteAt(6) >> 4;
  if (version < 1 || version > 8 || byteAt(8) >> 6 !== 2) return null;
  return hexText();
}

const bitsAt = (id: string, at: number): number =>
  (valueAt(base32, id, at) << 15) |
  (valueAt(base32, id, at + 1) << 10) |
  (valueAt(base32, id, at + 2) << 5) |
  valueAt(base32, id, at + 3);

const isDashed = (index: number): boolean => index === 8 || index === 13 || index === 18 || index === 23;

function hexText(): string {
  let at = 0;
  for (let byte = 0; byte < 16; byte++) {
    if (isDashed(at)) text[at++] = DASH;
    text[at++] = codeOf(byteAt(byte) >> 4);
    text[at++] = codeOf(byteAt(byte) & 15);
  }
  return text.toString('latin1', 0, 36);
}

/** The TypeID of a UUID written as usual, in whichever case; null where prefix or UUID are not well-formed. */
export function typeIdOf(prefix: string, uuid: string): string | null {
  if (uuid.length !== 36 || !isPrefix(prefix, prefix.length)) return null;
  let at = 0;
  for (let byte = 0; byte < 16; byte++) {
    if (isDashed(at) && uuid.charCodeAt(at++) !== DASH) return null;
    const high = valueAt(base16, uuid, at++);
    const low = valueAt(base16, uuid, at++);
    if (high === NO_DIGIT || low === NO_DIGIT) return null;
    bytes[byte] = (high << 4) | low;
  }
  return `${prefix}_${suffixText()}`;
}

function suffixText(): string {
  text[0] = codeOf(byteAt(0) >> 5);
  text[1] = codeOf(byteAt(0) & 31);
  for (let byte = 1, at = 2; byte < 16; byte += 5, at += 8) {
    write20(at, (byteAt(byte) << 12) | (byteAt(byte + 1) << 4) | (byteAt(byte + 2) >> 4));
    write20(at + 4, ((byteAt(byte + 2) & 15) << 16) | (byteAt(byte + 3) << 8) | byteAt(byte + 4));
  }
  return text.toString('latin1', 0, SUFFIX_LENGTH);
}

function write20(at: number, bits: number): void {
  text[at] = codeOf(bits >> 15);
  text[at + 1] = codeOf((bits >> 10) & 31);
  text[at + 2] = codeOf((bits >> 5) & 31);
  text[at + 3] = codeOf(bits & 31);
}
