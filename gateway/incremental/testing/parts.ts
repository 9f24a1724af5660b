import { request, type IncomingMessage } from 'node:http';
import type { GraphQLFormattedError } from 'graphql';

export const ACCEPT_PARTS = 'multipart/mixed;incrementalSpec=v0.2, application/graphql-response+json';
export const ACCEPT_FORMER = 'multipart/mixed;deferSpec=20220824, application/json';

type Path = readonly (string | number)[];
type Data = Record<string, unknown>;
type Errors = readonly GraphQLFormattedError[];

export interface Part {
  readonly data?: Data | null;
  readonly errors?: Errors;
  readonly pending?: readonly { readonly id: string; readonly path: Path; readonly label?: string }[];
  readonly incremental?: readonly {
    readonly id?: string;
    readonly subPath?: Path;
    readonly path?: Path;
    readonly label?: string;
    readonly data: Data | null;
    readonly errors?: Errors;
  }[];
  readonly completed?: readonly { readonly id: string; readonly errors?: Errors }[];
  readonly hasNext?: boolean;
}

export interface PartsReading {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The next part, as soon as its last byte is there; null after the last. Rejects where the connection is cut. */
  readonly next: () => Promise<Part | null>;
  readonly destroy: () => void;
}

/** Asks over a connection of its own, and reads byte by byte: no client's tolerance covers up what is wrong with the form. */
export async function readParts(
  url: string,
  body: object,
  headers: Record<string, string> = {},
): Promise<PartsReading> {
  const sent = JSON.stringify(body);
  const asked = request(url, {
    method: 'POST',
    agent: false,
    headers: { 'content-type': 'application/json', accept: ACCEPT_PARTS, ...headers },
  });
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    asked.on('response', resolve).on('error', reject);
    asked.end(sent);
  });
  response.setEncoding('utf8');
  const chunks = response[Symbol.asyncIterator]() as AsyncIterator<string>;
  let text = '';
  const read = async (): Promise<boolean> => {
    const chunk = await chunks.next();
    if (chunk.done !== true) text += chunk.value;
    return chunk.done !== true;
  };
  const isParts = (response.headers['content-type'] ?? '').startsWith('multipart/mixed; boundary="-"');
  let isBegun = false;
  const next = async (): Promise<Part | null> => {
    if (!isParts) {
      while (await read());
      const whole = text;
      text = '';
      return whole === '' ? null : (JSON.parse(whole) as Part);
    }
    if (!isBegun) await takeUntil('\r\n---');
    isBegun = true;
    while (text.length < 2) if (!(await read())) throw new Error('the answer ends without its end');
    if (text.startsWith('--')) {
      while (await read());
      if (text !== '--\r\n') throw new Error(`something follows the end: ${JSON.stringify(text)}`);
      return null;
    }
    const found = /^\r\ncontent-type: application\/json; charset=utf-8\r\n\r\n([^]*)$/.exec(await takeUntil('\r\n---'));
    if (!found) throw new Error('a part has no head');
    return JSON.parse(found[1] ?? '') as Part;
  };
  const takeUntil = async (end: string): Promise<string> => {
    for (let at = text.indexOf(end); ; at = text.indexOf(end)) {
      if (at !== -1) {
        const taken = text.slice(0, at);
        text = text.slice(at + end.length);
        return taken;
      }
      if (!(await read())) throw new Error('the answer ends without its end');
    }
  };
  return { status: response.statusCode ?? 0, headers: response.headers, next, destroy: () => response.destroy() };
}

export async function allParts(url: string, body: object, headers: Record<string, string> = {}): Promise<Part[]> {
  const reading = await readParts(url, body, headers);
  const parts: Part[] = [];
  for (let part = await reading.next(); part; part = await reading.next()) parts.push(part);
  return parts;
}

/**
 * What a client has once all parts have come. Throws where they break the rules: an id that nobody was told of, a field
 * sent twice, an object that is not there, a fragment that is never completed, a false `hasNext`.
 */
export function merged(parts: readonly Part[]): {
  readonly data: unknown;
  readonly errors: Errors;
  readonly failed: number;
} {
  const [first, ...rest] = parts;
  if (!first) throw new Error('there is no part');
  const open = new Map<string, Path>();
  const errors: GraphQLFormattedError[] = [...(first.errors ?? [])];
  const data = first.data;
  const told = new Set<string>();
  let failed = 0;
  const tell = ({ pending = [] }: Part): void => {
    for (const { id, path } of pending) {
      if (told.has(id)) throw new Error(`the id ${id} is told twice`);
      told.add(id);
      open.set(id, path);
    }
  };
  // What is told in a part may begin at an object that the same part brings.
  const check = ({ pending = [] }: Part): void => {
    for (const { path } of pending) {
      if (!isObject(at(data, path))) throw new Error(`there is no object at ${path.join('.')}`);
    }
  };
  tell(first);
  check(first);
  rest.forEach((part, index) => {
    if (part.data !== undefined) throw new Error('only the first part has data');
    tell(part);
    for (const { id = '', subPath = [], data: patch, errors: found = [] } of part.incremental ?? []) {
      const path = open.get(id);
      if (!path) throw new Error(`nobody was told of ${id}`);
      const target = at(data, [...path, ...subPath]);
      if (!isObject(target) || !patch) throw new Error(`there is no object at ${[...path, ...subPath].join('.')}`);
      patchObject(target, patch);
      errors.push(...found);
    }
    check(part);
    for (const { id, errors: found = [] } of part.completed ?? []) {
      if (!open.delete(id)) throw new Error(`${id} is completed, but was not pending`);
      if (found.length > 0) failed++;
      errors.push(...found);
    }
    if (part.hasNext !== index < rest.length - 1) throw new Error('hasNext is wrong');
  });
  if (rest.length > 0 && first.hasNext !== true) throw new Error('hasNext is wrong at the beginning');
  if (open.size > 0) throw new Error(`never completed: ${[...open.keys()].join()}`);
  return { data, errors, failed };
}

const isObject = (value: unknown): value is Data =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const at = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>((inside, part) => (inside as Data | undefined)?.[part as string], value);

function patchObject(target: Data, patch: Data): void {
  for (const [name, value] of Object.entries(patch)) {
    if (Object.hasOwn(target, name)) throw new Error(`${name} is sent twice`);
    Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
  }
}
