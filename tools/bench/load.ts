import { Agent, request } from 'node:http';

/** One request that is made again and again. */
export interface Target {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface LoadOptions {
  /** Requests under way at any moment, each on a connection of its own that is kept. */
  readonly connections: number;
  readonly seconds: number;
  /** The exact text that every answer must be. */
  readonly expected: string;
}

export interface Load {
  readonly requests: number;
  /** Answers that were not the expected one. */
  readonly errors: number;
  readonly firstError: string | null;
  readonly seconds: number;
  readonly latenciesMs: readonly number[];
}

/** Answers the text of a 200. Throws on any other status. */
export async function post(target: Target, agent: Agent): Promise<string> {
  const headers = {
    'content-type': 'application/json',
    ...target.headers,
    'content-length': Buffer.byteLength(target.body),
  };
  return new Promise((resolve, reject) => {
    const sent = request(target.url, { method: 'POST', agent, headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        if (answer.statusCode === 200) resolve(text);
        else reject(new Error(`status ${answer.statusCode}: ${text.slice(0, 500)}`));
      });
    });
    sent.on('error', reject);
    sent.end(target.body);
  });
}

/** Keeps `connections` requests under way until the time is over, and waits for the last of them. */
export async function load(target: Target, options: LoadOptions): Promise<Load> {
  const agent = new Agent({ keepAlive: true, maxSockets: options.connections });
  const latenciesMs: number[] = [];
  let errors = 0;
  let firstError: string | null = null;
  const startedAt = performance.now();
  const deadline = startedAt + options.seconds * 1000;
  const client = async (): Promise<void> => {
    while (performance.now() < deadline) {
      const askedAt = performance.now();
      const text = await post(target, agent).catch((error: unknown) => String(error));
      latenciesMs.push(performance.now() - askedAt);
      if (text === options.expected) continue;
      errors++;
      firstError ??= text.slice(0, 2000);
    }
  };
  try {
    await Promise.all(Array.from({ length: options.connections }, client));
  } finally {
    agent.destroy();
  }
  const seconds = (performance.now() - startedAt) / 1000;
  return { requests: latenciesMs.length, errors, firstError, seconds, latenciesMs };
}
