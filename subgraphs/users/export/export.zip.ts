import { Zip, ZipDeflate } from 'fflate';

const CHUNK = 1024 * 1024;

export interface ZipWriter {
  /** Begins a file; what is answered writes on, and ends the file with `true`. One file at a time. */
  readonly open: (path: string) => Promise<(text: string, isEnd?: boolean) => Promise<void>>;
  readonly file: (path: string, texts: readonly string[]) => Promise<void>;
  readonly end: () => Promise<void>;
  /** Bytes so far. */
  readonly size: () => number;
}

/** Writes a ZIP archive by and by, handing it on in chunks of 1 MB and more: the whole is never in memory. */
export function createZip(keep: (bytes: Buffer) => Promise<void>): ZipWriter {
  let waiting: Uint8Array[] = [];
  let waitingSize = 0;
  let size = 0;
  let failure: Error | null = null;
  const zip = new Zip((error, bytes) => {
    failure ??= error;
    if (error) return;
    waiting.push(bytes);
    waitingSize += bytes.length;
    size += bytes.length;
  });
  const flush = async (least: number): Promise<void> => {
    if (failure) throw failure;
    if (waitingSize === 0 || waitingSize < least) return;
    const bytes = Buffer.concat(waiting);
    waiting = [];
    waitingSize = 0;
    await keep(bytes);
  };
  const open: ZipWriter['open'] = async (path) => {
    const entry = new ZipDeflate(path, { level: 6 });
    zip.add(entry);
    return async (text, isEnd = false) => {
      entry.push(Buffer.from(text), isEnd);
      await flush(CHUNK);
    };
  };
  return {
    open,
    file: async (path, texts) => {
      const write = await open(path);
      for (const text of texts) await write(text);
      await write('', true);
    },
    end: async () => {
      zip.end();
      await flush(0);
    },
    size: () => size,
  };
}
