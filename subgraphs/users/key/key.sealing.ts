import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** AES-256-GCM: nonce, tag, text. `about` says what it is for; sealed for one thing it opens for no other. */
export function seal(key: Uint8Array, text: Uint8Array, about: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce).setAAD(Buffer.from(about));
  const sealed = Buffer.concat([cipher.update(text), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
}

/** What was sealed. Throws where the key or the purpose is another one, or a byte has changed. */
export function unseal(key: Uint8Array, sealed: Uint8Array, about: string): Buffer {
  const nonce = sealed.subarray(0, NONCE_BYTES);
  const tag = sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES);
  const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(about)).setAuthTag(tag);
  return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
}

/** The operator's secret as a key, and a name that tells secrets apart without telling them. */
export interface Wrapping {
  readonly name: string;
  readonly key: Buffer;
}

const derive = (secret: string, use: string, bytes: number): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, '', `broadsheet keys: ${use}`, bytes));

export const wrappingOf = (secret: string): Wrapping => ({
  name: derive(secret, 'name', 6).toString('hex'),
  key: derive(secret, 'encryption', 32),
});
