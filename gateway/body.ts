import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';

/** A body that is not taken: the answer's status, code and message. */
export interface RefusedBody {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

export type ReadBody = { readonly value: unknown } | { readonly refused: RefusedBody };

const refuse = (status: number, code: string, message: string): ReadBody => ({ refused: { status, code, message } });

/**
 * Reads a JSON body of at most `limitBytes`. Any other type of content is left unread with the value `undefined`: what it
 * means is decided with the rest of the headers (CSRF prevention).
 */
export async function readJsonBody(request: IncomingMessage, limitBytes: number): Promise<ReadBody> {
  const contentType = request.headers['content-type']?.toLowerCase() ?? '';
  const [type = '', ...parameters] = contentType.split(';').map((part) => part.trim());
  if (type !== 'application/json') return { value: undefined };
  const charset = parameters
    .find((parameter) => parameter.startsWith('charset='))
    ?.slice(8)
    .replaceAll('"', '');
  if (charset !== undefined && charset !== 'utf-8' && charset !== 'utf8') {
    return refuse(415, 'UNSUPPORTED_CHARSET', 'The body must be UTF-8.');
  }
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') return refuse(415, 'UNSUPPORTED_ENCODING', 'The body must not be compressed.');
  const bytes = await readBytes(request, limitBytes);
  if (!bytes) return refuse(413, 'BODY_TOO_LARGE', `The body may have ${limitBytes} bytes at most.`);
  if (!isUtf8(bytes)) return refuse(400, 'BAD_REQUEST', 'The body is not valid UTF-8.');
  try {
    return { value: JSON.parse(bytes.toString('utf8')) as unknown };
  } catch {
    return refuse(400, 'BAD_REQUEST', 'The body is not valid JSON.');
  }
}

/** The whole body, or null as soon as it is larger than the limit. Rejects where the sender goes away. */
function readBytes(request: IncomingMessage, limitBytes: number): Promise<Buffer | null> {
  if (Number(request.headers['content-length'] ?? 0) > limitBytes) return Promise.resolve(null);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limitBytes) chunks.push(chunk);
      else resolve(null);
    });
    request.on('end', () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)));
    request.on('error', reject);
    request.on('close', () => {
      if (!request.complete) reject(new Error('the sender has gone'));
    });
  });
}
