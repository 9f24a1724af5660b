/**
 * `npm run bench`: the feed query on our two transports and on a stock Apollo Gateway with Apollo Servers around the same
 * schemas, in one run on the same stores. Prints JSON on stdout, progress on stderr. Ends with 1 where answers differ.
 * The stock set-up checks no session and signs no hop, so the comparison is in its favour. `gatewayCpuMs` is the process
 * that clients talk to: of our one process, all. `--profile FOLDER` leaves a CPU profile of every process.
 */
import { Agent } from 'node:http';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { killAll } from './child.ts';
import { FEED, type Feed, type FeedAnswer } from './feed.ts';
import { post } from './load.ts';
import { measure } from './round.ts';
import { type Setup, type SetupName, setupNames, startSetup } from './setups.ts';
import { figuresOf, mediansOf, ratioOf, type RoundFigures } from './statistics.ts';
import { type BenchStores, fill, startBenchStores } from './stores.ts';

const POSTS_ASKED = 20;
const SIZE = { posts: 200, people: 12, commentsPerPost: 10, votesPerPost: 5 };

const log = (line: string): void => void process.stderr.write(`${line}\n`);

interface Options {
  readonly seconds: number;
  readonly rounds: number;
  readonly connections: number;
  readonly profileFolder: string | null;
}

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '5' },
      rounds: { type: 'string', default: '3' },
      connections: { type: 'string', default: '10' },
      profile: { type: 'string' },
    },
  });
  const positive = (name: 'seconds' | 'rounds' | 'connections'): number => {
    const number = Number(values[name]);
    if (!Number.isInteger(number) || number < 1) throw new Error(`--${name} is a whole number from 1 on`);
    return number;
  };
  return {
    seconds: positive('seconds'),
    rounds: positive('rounds'),
    connections: positive('connections'),
    profileFolder: values.profile === undefined ? null : resolve(values.profile),
  };
}

/** A set-up with the exact text of its answer. */
interface Checked extends Setup {
  readonly expected: string;
}

/** Asks each set-up once. Throws where one answers with errors, with an incomplete feed, or otherwise than the others. */
async function check(setups: readonly Setup[]): Promise<Checked[]> {
  const agent = new Agent();
  const checked: Checked[] = [];
  for (const setup of setups) checked.push({ ...setup, expected: await post(await setup.target(), agent) });
  agent.destroy();
  const answers = checked.map(({ expected }) => JSON.parse(expected) as { data?: FeedAnswer; errors?: unknown });
  for (const [index, { data, errors }] of answers.entries()) {
    const name = checked[index]?.name;
    if (errors || !data) throw new Error(`${name} answers with errors: ${JSON.stringify(errors)}`);
    const isWhole = data.posts.edges.every(
      ({ node }) =>
        node.author && node.counts && node.sentiment && node.comments?.edges.every((one) => one.node.author),
    );
    if (!isWhole || data.posts.edges.length !== POSTS_ASKED) throw new Error(`${name} answers with a part of the feed`);
    if (!isDeepStrictEqual(data, answers[0]?.data))
      throw new Error(`${name} and ${checked[0]?.name} answer differently`);
  }
  return checked;
}

/** Warms each set-up up, then measures them in turn, so that what else the machine does weighs on all alike. */
async function measureAll(setups: readonly Checked[], options: Options): Promise<Record<SetupName, RoundFigures[]>> {
  const rounds: Record<SetupName, RoundFigures[]> = { inProcess: [], distributed: [], stock: [] };
  for (let round = 0; round <= options.rounds; round++) {
    for (const setup of setups) {
      // V8 goes on compiling for seconds: what it does then is no part of a request.
      const seconds = round === 0 ? 2 * options.seconds : options.seconds;
      const load = { connections: options.connections, seconds, expected: setup.expected };
      const { firstError, ...measured } = await measure(setup, load);
      if (firstError !== null)
        throw new Error(`${setup.name}: ${measured.errors} wrong answers, the first: ${firstError}`);
      const figures = figuresOf(measured);
      const { cpuMsPerRequest, p50Ms, requestsPerSecond } = figures;
      log(
        `${round === 0 ? 'warm-up' : `round ${round}`} ${setup.name}: ${cpuMsPerRequest} ms CPU, p50 ${p50Ms} ms, ${requestsPerSecond}/s`,
      );
      if (round > 0) rounds[setup.name].push(figures);
    }
  }
  return rounds;
}

const reportOf = (rounds: RoundFigures[]) => ({ ...mediansOf(rounds), rounds });

async function run(stores: BenchStores, feed: Feed, setups: Setup[], options: Options): Promise<object> {
  for (const name of setupNames) {
    log(`starting ${name}`);
    setups.push(await startSetup(name, { stores, feed, first: POSTS_ASKED, profileFolder: options.profileFolder }));
  }
  const { inProcess, distributed, stock } = await measureAll(await check(setups), options);
  return {
    machine: { cores: availableParallelism(), node: process.version },
    query: FEED,
    content: { ...SIZE, postsAsked: POSTS_ASKED },
    load: { connections: options.connections, seconds: options.seconds, rounds: options.rounds },
    setups: { inProcess: reportOf(inProcess), distributed: reportOf(distributed), stock: reportOf(stock) },
    ratios: { inProcessToStock: ratioOf(inProcess, stock), distributedToStock: ratioOf(distributed, stock) },
  };
}

async function main(): Promise<void> {
  const options = readOptions();
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const one of stops.splice(0).reverse()) await one();
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      void stop().finally(() => {
        killAll();
        process.exit(1);
      });
    });
  }
  try {
    const stores = await startBenchStores(log);
    stops.push(stores.stop);
    log(`writing ${SIZE.posts} posts`);
    const feed = await fill(stores, SIZE);
    const setups: Setup[] = [];
    stops.push(async () => void (await Promise.all(setups.map(({ child }) => child.stop()))));
    const report = await run(stores, feed, setups, options);
    process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  } finally {
    await stop();
  }
}

await main().catch((error: unknown) => {
  log(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exitCode = 1;
});
