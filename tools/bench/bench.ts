/**
 * `npm run bench`: the feed query on our two transports and on a stock Apollo Gateway with Apollo Servers around the same
 * schemas, in one run on the same stores. `npm run bench -- gateway`: the gateway process alone, see gateway.ts;
 * `npm run bench -- in-process`: the feed over rows in memory, see in-process.ts; `npm run bench -- session-check`: what
 * finding out who asks takes, see session-check.ts.
 *
 * Prints JSON on stdout, progress on stderr. Ends with 1 where answers differ. The stock set-up checks no
 * session and signs no hop, so the comparison is in its favour. `gatewayCpuMs` is the process that clients talk to: of our
 * one process, all. `--profile FOLDER` leaves a CPU profile of every process.
 */
import { Agent } from 'node:http';
import { availableParallelism } from 'node:os';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { FEED, type Feed, type FeedAnswer } from './feed.ts';
import { post } from './load.ts';
import { commonOptions, type Options, optionsOf } from './options.ts';
import { measure } from './round.ts';
import { type Setup, type SetupName, setupNames, startSetup } from './setups.ts';
import { figuresOf, mediansOf, ratioOf, type RoundFigures } from './statistics.ts';
import { withStops } from './stops.ts';
import type { BenchStores } from './stores.ts';

const POSTS_ASKED = 20;
const SIZE = { posts: 200, people: 12, commentsPerPost: 10, votesPerPost: 5 };

const log = (line: string): void => void process.stderr.write(`${line}\n`);

/** The benches with a name, each in a file of its own; a name that is not given means the feed bench below. */
const benches: Readonly<Record<string, () => Promise<{ readonly run: (args: readonly string[]) => Promise<void> }>>> = {
  gateway: () => import('./gateway.ts'),
  'in-process': () => import('./in-process.ts'),
  mix: () => import('./mix.ts'),
  'mix-costs': () => import('./mix-costs.ts'),
  'session-check': () => import('./session-check.ts'),
};

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

async function runFeed(): Promise<void> {
  const options = optionsOf(parseArgs({ options: commonOptions }).values);
  await withStops(async (stops) => {
    // Brings all subgraphs along, which the other benches have no need of.
    const { fill, startBenchStores } = await import('./stores.ts');
    const stores = await startBenchStores(log);
    stops.push(stores.stop);
    log(`writing ${SIZE.posts} posts`);
    const feed = await fill(stores, SIZE);
    const setups: Setup[] = [];
    stops.push(async () => void (await Promise.all(setups.map(({ child }) => child.stop()))));
    const report = await run(stores, feed, setups, options);
    process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  });
}

async function main(): Promise<void> {
  const [name, ...args] = process.argv.slice(2);
  if (name === undefined || name.startsWith('-')) return runFeed();
  const bench = benches[name];
  if (!bench) throw new Error(`there is no bench "${name}": ${Object.keys(benches).join(', ')}, or none for the feed`);
  await (await bench()).run(args);
}

await main().catch((error: unknown) => {
  log(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exitCode = 1;
});
