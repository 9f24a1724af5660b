import { runInNewContext } from 'node:vm';

/** As much of an element as the script of a page touches. */
export interface TestElement {
  readonly id: string;
  hidden: boolean;
  textContent: string;
  className: string;
  /** Of a link that was made, and of inputs. */
  name: string;
  value: string;
  href: string;
  download: string;
}

export interface OpenPage {
  readonly part: (id: string) => TestElement;
  /** Presses the page's button; resolves once the page has said what came of it. */
  readonly press: (typed?: string) => Promise<string>;
  /** The address as it is after the page has been opened. */
  readonly address: () => string;
  readonly requests: { readonly url: string; readonly status: number }[];
  readonly downloads: { readonly name: string; readonly bytes: Buffer }[];
}

/** Opens a page as a browser would: its own script, over a document that has the page's elements and no more. */
export function openPage(html: string, address: string): OpenPage {
  const url = new URL(address);
  let shownAddress = address;
  const requests: { url: string; status: number }[] = [];
  const downloads: { name: string; bytes: Buffer }[] = [];
  const blobs = new Map<string, Blob>();
  let submit: (event: object) => void = () => undefined;
  const elementOf = (id: string): TestElement & Record<string, unknown> => {
    const tag = new RegExp(`<\\w+[^>]* id="${id}"[^>]*>([^<]*)`).exec(html) ?? [];
    return {
      ...{ id, className: '', value: '', href: '', download: '', textContent: tag[1] ?? '' },
      hidden: /\shidden>/.test(tag[0] ?? ''),
      name: / name="([^"]+)"/.exec(tag[0] ?? '')?.[1] ?? '',
      focus: () => undefined,
    };
  };
  const ids = [...html.matchAll(/ id="([\w-]+)"/g)].map(([, id]) => id ?? '');
  const elements = new Map(ids.map((id) => [id, elementOf(id)]));
  const part = (id: string) => elements.get(id) ?? fail(`the page has no element "${id}"`);
  const inputs = elements.has('field') ? [part('field')] : [];
  Object.assign(part('form'), {
    addEventListener: (_: string, listener: typeof submit) => (submit = listener),
    querySelectorAll: () => inputs,
    reset: () => inputs.forEach((input) => (input.value = '')),
  });
  const link = { href: '', download: '', click: () => pending.push(keep(link.href, link.download)) };
  const pending: Promise<unknown>[] = [];
  const keep = async (href: string, name: string) =>
    downloads.push({ name, bytes: Buffer.from((await blobs.get(href)?.arrayBuffer()) ?? new ArrayBuffer(0)) });
  const script = /<script>([\s\S]*?)<\/script>/.exec(html)?.[1] ?? fail('the page has no script');
  runInNewContext(script, {
    document: { getElementById: (id: string) => elements.get(id) ?? null, createElement: () => link },
    location: { hash: url.hash, pathname: url.pathname },
    history: { replaceState: (_: unknown, __: string, path: string) => (shownAddress = url.origin + path) },
    addEventListener: () => undefined,
    setTimeout: () => undefined,
    URLSearchParams,
    URL: {
      createObjectURL: (blob: Blob) => {
        blobs.set(`blob:${blobs.size}`, blob);
        return `blob:${blobs.size - 1}`;
      },
    },
    fetch: async (path: string, { referrerPolicy: _, ...init }: RequestInit) => {
      const response = await fetch(url.origin + path, init);
      requests.push({ url: response.url, status: response.status });
      return response;
    },
  });
  return {
    ...{ part, requests, downloads, address: () => shownAddress },
    press: async (typed) => {
      if (part('form').hidden) fail('there is nothing to press');
      for (const input of inputs) input.value = typed ?? '';
      submit({ preventDefault: () => undefined });
      while (part('outcome').textContent === 'One moment …') await new Promise((resolve) => setTimeout(resolve, 10));
      await Promise.all(pending);
      return part('outcome').textContent;
    },
  };
}

function fail(message: string): never {
  throw new Error(message);
}
