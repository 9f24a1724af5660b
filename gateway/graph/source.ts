import { watch, type FSWatcher } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Agent, request } from 'undici';

export interface SourceOptions {
  readonly pollSeconds: number;
  readonly timeoutSeconds: number;
  readonly limitBytes: number;
  /** Sent to a URL as the Authorization header. */
  readonly authorization?: string | undefined;
}

/** Where a supergraph comes from. */
export interface SupergraphSource {
  /** The supergraph as it is now; null where it is what was read last. Rejects where it cannot be read. */
  readonly read: () => Promise<string | null>;
  /** Calls whenever it is worth reading again. The answer ends that. */
  readonly watch: (onHint: () => void) => () => void;
}

export const isUrl = (location: string): boolean => /^https?:\/\//i.test(location);

export function supergraphSource(location: string, options: SourceOptions): SupergraphSource {
  return isUrl(location) ? urlSource(location, options) : fileSource(resolve(location), options);
}

/** A writer that truncates and writes on is seen in between: what is read must be the same twice. */
const SETTLE_MILLISECONDS = 50;
const SETTLE_TRIES = 40;
const DEBOUNCE_MILLISECONDS = 100;

function fileSource(file: string, { pollSeconds, limitBytes }: SourceOptions): SupergraphSource {
  let last: string | null = null;
  return {
    read: async () => {
      const text = await readSettled(file, limitBytes);
      if (text === last) return null;
      last = text;
      return text;
    },
    watch: (onHint) => {
      const stopWatching = watchFolder(file, debounced(onHint));
      // File systems that tell of no changes exist: network shares, some mounts of containers.
      const timer = setInterval(onHint, pollSeconds * 1000).unref();
      return () => {
        stopWatching();
        clearInterval(timer);
      };
    },
  };
}

async function readSettled(file: string, limitBytes: number): Promise<string> {
  const { size } = await stat(file);
  if (size > limitBytes) throw new Error(`${file} is larger than ${limitBytes} bytes`);
  let before = await readFile(file, 'utf8');
  for (let tries = 0; tries < SETTLE_TRIES; tries++) {
    await wait(SETTLE_MILLISECONDS);
    const now = await readFile(file, 'utf8');
    if (now === before) return now;
    before = now;
  }
  throw new Error(`${file} is being written to all the time`);
}

/** Watches the folder: a file that editors and orchestrators replace by renaming is another file afterwards. */
function watchFolder(file: string, onChange: () => void): () => void {
  let watcher: FSWatcher | null = null;
  try {
    watcher = watch(dirname(file), { persistent: false }, onChange);
    watcher.on('error', () => undefined);
  } catch {
    // It is looked at from time to time as well.
  }
  return () => watcher?.close();
}

function debounced(call: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(call, DEBOUNCE_MILLISECONDS).unref();
  };
}

function urlSource(url: string, options: SourceOptions): SupergraphSource {
  const timeout = options.timeoutSeconds * 1000;
  const dispatcher = new Agent({ maxResponseSize: options.limitBytes, connect: { timeout } });
  const own = options.authorization ? { authorization: options.authorization } : {};
  let etag: string | null = null;
  let last: string | null = null;
  return {
    read: async () => {
      const headers = { accept: '*/*', ...own, ...(etag ? { 'if-none-match': etag } : {}) };
      const signal = AbortSignal.timeout(timeout);
      // Redirects are not followed: the credentials are for this address.
      const { statusCode, headers: answered, body } = await request(url, { dispatcher, headers, signal });
      const text = await body.text();
      if (statusCode === 304) return null;
      if (statusCode !== 200) throw new Error(`${new URL(url).origin} answered ${statusCode}`);
      etag = typeof answered['etag'] === 'string' ? answered['etag'] : null;
      if (text === last) return null;
      last = text;
      return text;
    },
    watch: (onHint) => {
      const timer = setInterval(onHint, options.pollSeconds * 1000).unref();
      return () => {
        clearInterval(timer);
        void dispatcher.destroy();
      };
    },
  };
}
