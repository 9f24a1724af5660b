import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const NONCE = 12;
const TAG = 16;
const OPEN = Buffer.from([0]);
const SEALED = Buffer.from([1]);

/** AES-256-GCM under a person's secret of 32 bytes; as it is where it is about nobody. The first byte says which. */
export function seal(text: string, secret: Buffer | null): Buffer {
  if (secret === null) return Buffer.concat([OPEN, Buffer.from(text)]);
  const nonce = randomBytes(NONCE);
  const cipher = createCipheriv('aes-256-gcm', secret, nonce);
  const sealed = Buffer.concat([cipher.update(text), cipher.final()]);
  return Buffer.concat([SEALED, nonce, cipher.getAuthTag(), sealed]);
}

/** The text, or null where the secret is gone or not the right one. */
export function unseal(bytes: Buffer, secret: Buffer | null): string | null {
  const rest = bytes.subarray(1);
  if (bytes[0] === OPEN[0]) return rest.toString();
  if (secret === null) return null;
  try {
    const decipher = createDecipheriv('aes-256-gcm', secret, rest.subarray(0, NONCE));
    decipher.setAuthTag(rest.subarray(NONCE, NONCE + TAG));
    return Buffer.concat([decipher.update(rest.subarray(NONCE + TAG)), decipher.final()]).toString();
  } catch {
    return null;
  }
}
