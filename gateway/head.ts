import { STATUS_CODES, type ServerResponse, validateHeaderName, validateHeaderValue } from 'node:http';

/** How long a connection stays open between two requests. */
export const KEEP_ALIVE_SECONDS = 65;

/** What no header may hold (RFC 9110, 5.5): a line's end would begin another one. */
const FORBIDDEN = /[^\t\x20-\x7e\x80-\xff]/;

export const isHeaderValue = (text: string): boolean => !FORBIDDEN.test(text);

/** Throws TypeError for a header that cannot be sent, before it stands in the way of every answer. */
export function checkHeaders(headers: Readonly<Record<string, string>>): void {
  for (const name in headers) {
    validateHeaderName(name);
    validateHeaderValue(name, headers[name] ?? '');
  }
}

/** What node:http makes of an answer by, where it says them itself, in lower case. */
const TELLING: ReadonlySet<string> = new Set(['connection', 'date', 'keep-alive', 'transfer-encoding', 'trailer']);

/** What `writeHead` leaves behind: the head as text, not sent yet. Private to node:http, and as old as that. */
type Headed = ServerResponse & { _header: string | null };

/**
 * Does what `response.writeHead` does, for an answer with a body whose length is among its headers: that one looks at the
 * name of each header of each answer, a twentieth of all that a small query costs. Where anything is unusual it is asked.
 * Throws TypeError for a value that cannot be sent.
 * @param headers Names and values in turn.
 */
export function writeHead(response: ServerResponse, status: number, headers: readonly string[]): void {
  const { httpVersionMajor, httpVersionMinor } = response.req;
  const isUsual = httpVersionMajor === 1 && httpVersionMinor === 1 && response.shouldKeepAlive;
  if (!isUsual || response.headersSent) return void response.writeHead(status, headers as string[]);
  for (let at = 0; at < headers.length; at += 2) {
    if (TELLING.has((headers[at] as string).toLowerCase())) return void response.writeHead(status, headers as string[]);
  }
  let head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'unknown'}\r\n`;
  for (let at = 0; at < headers.length; at += 2) {
    const value = headers[at + 1] as string;
    if (!isHeaderValue(value)) throw new TypeError(`The header ${headers[at]} holds what none may hold.`);
    head += `${headers[at]}: ${value}\r\n`;
  }
  response.statusCode = status;
  (response as Headed)._header = `${head}${commonLines()}\r\n`;
}

let lines: string | null = null;

/** Those of every answer, for as long as they say the present second. */
function commonLines(): string {
  if (lines === null) {
    const now = new Date();
    lines = `Date: ${now.toUTCString()}\r\nConnection: keep-alive\r\nKeep-Alive: timeout=${KEEP_ALIVE_SECONDS}\r\n`;
    setTimeout(() => (lines = null), 1000 - now.getMilliseconds()).unref();
  }
  return lines;
}
