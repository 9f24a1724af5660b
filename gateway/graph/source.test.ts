import { once } from 'node:events';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { appendFile, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { until } from 'kit/testing/until';
import { supergraphSource, type SupergraphSource } from './source.ts';

const options = { pollSeconds: 1, timeoutSeconds: 20, limitBytes: 10_000 };
const ends: (() => void)[] = [];
afterEach(() => ends.splice(0).forEach((end) => end()));

/** Reads at every hint, as a gateway does. */
function follow(source: SupergraphSource): string[] {
  const read: string[] = [];
  const readAgain = async (): Promise<void> => {
    const text = await source.read().catch((error: unknown) => `error: ${String(error)}`);
    if (text !== null) read.push(text);
  };
  ends.push(source.watch(() => void readAgain()));
  return read;
}

describe('a file', () => {
  const folder = (): string => {
    const path = mkdtempSync(join(tmpdir(), 'supergraph-'));
    ends.push(() => rmSync(path, { recursive: true, force: true }));
    return path;
  };
  const inFolder = (text: string): string => {
    const file = join(folder(), 'supergraph.graphql');
    writeFileSync(file, text);
    return file;
  };

  test('is read, and again only once it has changed', async () => {
    const file = inFolder('one');
    const source = supergraphSource(file, options);
    expect([await source.read(), await source.read()]).toEqual(['one', null]);
    writeFileSync(file, 'two');
    expect(await source.read()).toBe('two');
  });

  test('that is written over, replaced by renaming or pointed elsewhere is noticed soon', async () => {
    const file = inFolder('one');
    const read = follow(supergraphSource(file, { ...options, pollSeconds: 3600 }));
    writeFileSync(file, 'over');
    await until('it is read', () => read.includes('over'));
    for (const text of ['renamed 1', 'renamed 2']) {
      writeFileSync(`${file}.new`, text);
      renameSync(`${file}.new`, file);
      await until('it is read', () => read.includes(text));
    }
    writeFileSync(`${file}.other`, 'linked');
    symlinkSync(`${file}.other`, `${file}.link`);
    renameSync(`${file}.link`, file);
    await until('it is read', () => read.includes('linked'));
    expect(read).toEqual(['over', 'renamed 1', 'renamed 2', 'linked']);
  });

  test('that is being written is not read in between', async () => {
    let read: string[] = [];
    // A writer that is held up itself is taken for one that has finished: one of three tries is enough.
    for (let tries = 0; tries < 3 && read.length !== 1; tries++) {
      const file = inFolder('one');
      read = follow(supergraphSource(file, { ...options, pollSeconds: 3600 }));
      await writeFile(file, '');
      for (let part = 0; part < 20; part++) {
        await appendFile(file, `part ${part};`);
        await wait(20);
      }
      await until('it is read', () => read.at(-1)?.endsWith('part 19;'));
      await wait(300);
    }
    expect(read).toHaveLength(1);
    expect(read[0]).toMatch(/^part 0;.*part 19;$/);
  });

  test('is noticed by looking, too: a folder that is moved away takes the watch with it', async () => {
    const parent = folder();
    const file = join(parent, 'now', 'supergraph.graphql');
    for (const [name, text] of [['now', 'one'] as const, ['next', 'two'] as const]) {
      mkdirSync(join(parent, name));
      writeFileSync(join(parent, name, 'supergraph.graphql'), text);
    }
    const source = supergraphSource(file, options);
    expect(await source.read()).toBe('one');
    const read = follow(source);
    renameSync(join(parent, 'now'), join(parent, 'before'));
    renameSync(join(parent, 'next'), join(parent, 'now'));
    await until('it is read', () => read.includes('two'));
  });

  test('that is away or too large is not read', async () => {
    await expect(supergraphSource('/nowhere/supergraph.graphql', options).read()).rejects.toThrow('ENOENT');
    await expect(supergraphSource(inFolder('x'.repeat(10_001)), options).read()).rejects.toThrow('larger than 10000');
  });
});

describe('a URL', () => {
  type Respond = (request: IncomingMessage, response: ServerResponse) => void;
  async function serve(respond: Respond): Promise<string> {
    const server = createServer(respond).listen(0, '127.0.0.1');
    await once(server, 'listening');
    ends.push(() => {
      server.closeAllConnections();
      server.close();
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/supergraph`;
  }

  test('is asked with the tag of what it gave last, and with the credentials', async () => {
    const asked: unknown[] = [];
    let tag = '"1"';
    const url = await serve(({ headers }, response) => {
      asked.push([headers['if-none-match'], headers['authorization']]);
      if (headers['if-none-match'] === tag) return void response.writeHead(304).end();
      response.setHeader('etag', tag).end(`supergraph ${tag}`);
    });
    const source = supergraphSource(url, { ...options, authorization: 'Bearer key' });
    expect([await source.read(), await source.read()]).toEqual(['supergraph "1"', null]);
    tag = '"2"';
    expect(await source.read()).toBe('supergraph "2"');
    const sent = [undefined, '"1"', '"1"'];
    expect(asked).toEqual(sent.map((given) => [given, 'Bearer key']));
    ends.push(source.watch(() => undefined));
  });

  test('without tags is compared', async () => {
    const url = await serve((_request, response) => void response.end('the same'));
    const source = supergraphSource(url, options);
    expect([await source.read(), await source.read()]).toEqual(['the same', null]);
    ends.push(source.watch(() => undefined));
  });

  test('is asked from time to time', async () => {
    let version = 0;
    const url = await serve((_request, response) => void response.end(`version ${version++}`));
    const read = follow(supergraphSource(url, options));
    await until('it is asked twice', () => read.length >= 2);
    expect(read.slice(0, 2)).toEqual(['version 0', 'version 1']);
  });

  test.each<[string, Respond, RegExp]>([
    ['fails', (_, response) => void response.writeHead(500).end('no'), /answered 500/],
    ['leads elsewhere', (_, response) => void response.writeHead(302, { location: '/other' }).end(), /answered 302/],
    ['gives too much', (_, response) => void response.end('x'.repeat(20_000)), /exceeded/],
    ['never answers', () => undefined, /timeout/i],
    ['never ends', (_, response) => void response.write('begun'), /timeout/i],
  ])('that %s is not read', async (_name, respond, message) => {
    const timeoutSeconds = message.source === 'timeout' ? 1 : 20;
    const source = supergraphSource(await serve(respond), { ...options, timeoutSeconds });
    await expect(source.read()).rejects.toThrow(message);
    ends.push(source.watch(() => undefined));
  });
});
