import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import type { Readable, Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';

/** A body that is not taken: the answer's status, code and message. */
export interface RefusedBody {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

export type ReadBody = { readonly value: unknown } | { readonly refused: RefusedBody };
export type ReadWhole = { readonly bytes: Buffer } | { readonly refused: RefusedBody };

const refuse = (status: number, code: string, message: string): { readonly refused: RefusedBody } => ({
  refused: { status, code, message },
});

/** One layer of compression; none that was applied twice, which only bombs are. */
const decompressors: ReadonlyMap<string, () => Transform> = new Map([
  ['gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
]);

/**
 * Reads a JSON body of at most `limitBytes`, compressed or not: it is the size without compression that counts. Any other type
 * of content is left unread with the value `undefined`: what it means is decided with the rest of the headers (CSRF prevention).
 */
export async function readJsonBody(request: IncomingMessage, limitBytes: number): Promise<ReadBody> {
  const contentType = request.headers['content-type'];
  if (contentType !== JSON_TYPE) {
    const [type = '', ...parameters] = (contentType ?? '').split(';').map((part) => part.trim().toLowerCase());
    if (type !== JSON_TYPE) return { value: undefined };
    if (!isUtf8Charset(parameters)) return refuse(415, 'UNSUPPORTED_CHARSET', 'The body must be UTF-8.');
  }
  const body = await readWholeBody(request, limitBytes);
  return 'refused' in body ? body : parsed(body.bytes);
}

const JSON_TYPE = 'application/json';

/** Whether the parameters of a media type name no other charset than JSON's own (RFC 8259, 8.1). */
function isUtf8Charset(parameters: readonly string[]): boolean {
  const charset = parameters.find((parameter) => parameter.startsWith('charset='))?.slice(8);
  return charset === undefined || /^"?utf-?8"?$/.test(charset);
}

/** Whether there is nothing to read: neither a length nor chunks are announced (RFC 9112, 6.3). */
export const hasNoBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0;

/** Reads a body of any type, of at most `limitBytes` without compression. */
export async function readWholeBody(request: IncomingMessage, limitBytes: number): Promise<ReadWhole> {
  const encoding = request.headers['content-encoding']?.toLowerCase() ?? 'identity';
  const decompress = decompressors.get(encoding);
  if (!decompress && encoding !== 'identity') {
    return refuse(415, 'UNSUPPORTED_ENCODING', 'The body may be compressed with gzip, deflate or br, once.');
  }
  const tooLarge = refuse(413, 'BODY_TOO_LARGE', `The body may have ${limitBytes} bytes at most.`);
  if (Number(request.headers['content-length'] ?? 0) > limitBytes) return tooLarge;
  const bytes = decompress
    ? await readDecompressed(request, decompress(), limitBytes)
    : await readBytes(request, limitBytes);
  if (bytes === 'broken') return refuse(400, 'BAD_REQUEST', `The body is not valid ${encoding}.`);
  return bytes ? { bytes } : tooLarge;
}

function parsed(bytes: Buffer): ReadBody {
  if (!isUtf8(bytes)) return refuse(400, 'BAD_REQUEST', 'The body is not valid UTF-8.');
  try {
    return { value: JSON.parse(bytes.toString('utf8')) as unknown };
  } catch {
    return refuse(400, 'BAD_REQUEST', 'The body is not valid JSON.');
  }
}

/** The whole body, or null as soon as it is larger than the limit. Rejects where the sender goes away. */
function readBytes(request: IncomingMessage, limitBytes: number): Promise<Buffer | null> {
  return new Promise((resolve, reject) => {
    collect(request, limitBytes, resolve);
    request.on('error', reject);
    request.on('close', () => {
      if (!request.complete) reject(new Error('the sender has gone'));
    });
  });
}

/** The same of a compressed body, which is not decompressed any further than the limit; `broken` where it is none. */
function readDecompressed(
  request: IncomingMessage,
  decompressor: Transform,
  limitBytes: number,
): Promise<Buffer | null | 'broken'> {
  return new Promise((resolve, reject) => {
    const end = (outcome: Buffer | null | 'broken'): void => {
      // The request itself stays open: it is where the answer goes.
      request.unpipe(decompressor).resume();
      decompressor.destroy();
      resolve(outcome);
    };
    collect(decompressor, limitBytes, end);
    decompressor.on('error', () => end('broken'));
    request.on('error', reject);
    request.on('close', () => {
      if (request.complete) return;
      decompressor.destroy();
      reject(new Error('the sender has gone'));
    });
    request.pipe(decompressor);
  });
}

function collect(stream: Readable, limitBytes: number, done: (bytes: Buffer | null) => void): void {
  const chunks: Buffer[] = [];
  let size = 0;
  stream.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= limitBytes) chunks.push(chunk);
    else done(null);
  });
  stream.on('end', () => done(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)));
}
