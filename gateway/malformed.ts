import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

interface Problem {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

const BAD: Problem = { status: 400, code: 'BAD_REQUEST', message: 'This is no valid HTTP request.' };
const PROBLEMS: Readonly<Record<string, Problem>> = {
  HPE_HEADER_OVERFLOW: {
    status: 431,
    code: 'HEADERS_TOO_LARGE',
    message: 'The address and headers of a request may have 16 kB: send long operations by POST.',
  },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: {
    status: 413,
    code: 'BODY_TOO_LARGE',
    message: 'The chunk extensions of the body are too large.',
  },
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: 408,
    code: 'REQUEST_TIMEOUT',
    message: 'The request took too long to arrive.',
  },
};

const LINGER_MILLISECONDS = 500;

/** What only a connection in the middle of an answer has: another one written into it would be part of it. */
interface Busy extends Duplex {
  readonly _httpMessage?: { readonly headersSent: boolean } | null;
}

/** Answers what is no HTTP, too large or too slow to be read as a request, in GraphQL's form, and ends the connection. */
export function createMalformedHandler(common: readonly string[]): (error: Error, stream: Duplex) => void {
  const ready = new Map<Problem, string>();
  for (const problem of [BAD, ...Object.values(PROBLEMS)]) ready.set(problem, answerOf(problem, common));
  return (error, stream: Busy) => {
    // What still comes in is an error again.
    if (stream.writableEnded) return;
    const { code = '' } = error as NodeJS.ErrnoException;
    const isOpen = stream.writable && code !== 'ECONNRESET' && stream._httpMessage?.headersSent !== true;
    if (!isOpen) return void stream.destroy();
    endSoon(stream, ready.get(PROBLEMS[code] ?? BAD) ?? '');
  };
}

/** Says a last word, and ends the connection whether its other end does or not. */
export function endSoon(stream: Duplex, text: string): void {
  stream.end(text);
  // Cut off at once, with something unread, the answer would be lost on its way.
  const timer = setTimeout(() => stream.destroy(), LINGER_MILLISECONDS);
  stream.once('close', () => clearTimeout(timer));
}

function answerOf({ status, code, message }: Problem, common: readonly string[]): string {
  const body = JSON.stringify({ errors: [{ message, extensions: { code } }] });
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'content-type: application/json; charset=utf-8',
    'cache-control: no-store',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  for (let at = 0; at < common.length; at += 2) lines.push(`${common[at]}: ${common[at + 1]}`);
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}
