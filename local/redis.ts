import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import { Redis } from 'ioredis';
import { LocalError, messageOf, onFiles } from './errors.ts';
import { startEmbeddedRedis } from './redis-embedded.ts';
import { findRedisProgram, startRedisServer } from './redis-server.ts';

export interface RedisOptions {
  /** The data folder; a server keeps to `redis` inside it. */
  readonly directory: string;
  /** A server that runs already. */
  readonly url?: string | undefined;
  /** Told, in one line each, of what is out of the ordinary. */
  readonly log?: (line: string) => void;
  /** Takes the one in this process whatever is installed. */
  readonly embedded?: boolean;
  /** For tests: nothing is kept on disk, whose stalls would be the server's own. */
  readonly fast?: boolean;
}

export interface LocalRedis {
  readonly url: string;
  readonly engine: 'given' | 'valkey-server' | 'redis-server' | 'embedded';
  /** One line for the operator, without the password. */
  readonly description: string;
  /** Ends the server where it is ours. */
  stop(): Promise<void>;
}

const GIVEN_MS = 5_000;

/**
 * Gives a Redis: the one at `url`, else `valkey-server` or `redis-server` from PATH, else one embedded in this process.
 * Throws a LocalError where the given one does not answer within 5 s, or the installed one does not start.
 */
export async function startRedis(options: RedisOptions): Promise<LocalRedis> {
  if (options.url !== undefined) return await useGiven(options.url);
  const folder = join(resolve(options.directory), 'redis');
  // Behind a password even on the loopback address, which every user of the machine can reach.
  const password = randomBytes(24).toString('base64url');
  const program = options.embedded === true ? null : await findRedisProgram(folder, options.log ?? (() => undefined));
  if (program === null) return await useEmbedded(password);
  const { port, stop } = await onFiles(folder, () =>
    startRedisServer(program, folder, { password, isFast: options.fast === true }),
  );
  return {
    url: `redis://:${password}@127.0.0.1:${port}`,
    engine: program.engine,
    description: `Redis: ${program.path} ${program.version} on port ${port}, data in ${folder}`,
    stop,
  };
}

async function useEmbedded(password: string): Promise<LocalRedis> {
  const { port, stop } = await startEmbeddedRedis(password);
  let stopped: Promise<void> | null = null;
  return {
    url: `redis://:${password}@127.0.0.1:${port}`,
    engine: 'embedded',
    description: `Redis: embedded (js-redis-server) on port ${port}, in memory only, for trying out; install redis-server or set REDIS_URL for more`,
    stop: () => (stopped ??= stop()),
  };
}

async function useGiven(given: string): Promise<LocalRedis> {
  const url = parse(given);
  const shown = `${url.protocol}//${url.host}${url.pathname}`;
  const client = new Redis(given, {
    lazyConnect: true,
    retryStrategy: () => null,
    connectTimeout: GIVEN_MS,
    maxRetriesPerRequest: 0,
  });
  const failed = new Promise<string>((settle) => client.once('error', (error) => settle(error.message)));
  const { promise: tooLate, resolve: giveUp } = Promise.withResolvers<string>();
  const timer = setTimeout(() => giveUp(`no answer within ${GIVEN_MS / 1000} s`), GIVEN_MS);
  try {
    const fault = await Promise.race([failed, tooLate, ping(client)]);
    if (fault !== null) {
      throw new LocalError(
        `The Redis of REDIS_URL (${shown}) cannot be used: ${fault.replace(/\.$/, '')}. Start it, correct REDIS_URL, or leave it out.`,
      );
    }
  } finally {
    clearTimeout(timer);
    client.disconnect();
  }
  return { url: given, engine: 'given', description: `Redis: ${shown} (REDIS_URL)`, stop: async () => undefined };
}

/** Null when it answers, otherwise in words why not. */
async function ping(client: Redis): Promise<string | null> {
  try {
    await client.connect();
    await client.ping();
    return null;
  } catch (error) {
    return messageOf(error);
  }
}

function parse(given: string): URL {
  const url = URL.canParse(given) ? new URL(given) : null;
  if (url !== null && (url.protocol === 'redis:' || url.protocol === 'rediss:')) return url;
  throw new LocalError(
    'REDIS_URL is not an address of the form redis://user:password@host:port/0 (rediss:// with TLS): correct it.',
  );
}
