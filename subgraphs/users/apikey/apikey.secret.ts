import { createHash, randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Id } from 'kit/ids';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** 43 of 62 letters: 256 bits, as 32 random bytes have. */
const SECRET_LENGTH = 43;
const PREFIX = 'apikey_';

/**
 * `bsk_<id>_<secret>_<checksum>`: scanners of code know it by its form, and the checksum (CRC-32 of what is before it) tells
 * a typing error from a key that has ended.
 */
export function newSecret(id: Id): string {
  const secret = Array.from({ length: SECRET_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
  const body = `bsk_${id.slice(PREFIX.length)}_${secret}`;
  return `${body}_${checksumOf(body)}`;
}

const checksumOf = (body: string): string => crc32(body).toString(16).padStart(8, '0');

/** All that is stored of a key. It has 256 random bits: nothing slower is needed. */
export const hashOfKey = (key: string): Buffer => createHash('sha256').update(key).digest();
