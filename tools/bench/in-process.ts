/**
 * `npm run bench -- in-process`: total CPU per request of the feed query, gateway and subgraphs together, with the same
 * resolvers over rows in memory: our gateway with all subgraphs in one process, beside a stock `@apollo/server` over
 * `@apollo/gateway` with its default data source and a stock Apollo Server per subgraph. The bar is 0.15 of stock's CPU.
 * Answer caches and de-duplication of identical requests are off on both sides, limits and metrics of ours are on.
 *
 * Prints JSON on stdout, progress on stderr. Ends with 1 where answers differ. `--profile FOLDER` leaves CPU profiles.
 */
import { Agent } from 'node:http';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { freePort } from 'local/port';
import { startChild } from './child.ts';
import { FEED, type FeedAnswer } from './feed.ts';
import { authorizationOf } from './in-process/viewer.ts';
import { post, type Target } from './load.ts';
import { commonOptions, type Options, optionsOf } from './options.ts';
import { measure } from './round.ts';
import type { Setup } from './setups.ts';
import { figuresOf, mediansOf, ratioOf, rounded, type RoundFigures } from './statistics.ts';
import { type Stops, withStops } from './stops.ts';

const BAR = 0.15;
const POSTS_ASKED = 20;
const COMMENTS_ASKED = 3;
const log = (line: string): void => void process.stderr.write(`${line}\n`);

const sides = {
  ours: {
    name: 'inProcess',
    script: 'tools/bench/in-process/ours.ts',
    gatewayScript: 'tools/bench/in-process/ours.ts',
  },
  stock: {
    name: 'stock',
    script: 'tools/bench/in-process/stock.ts',
    gatewayScript: 'tools/bench/in-process/stock-gateway.ts',
  },
} as const;
type Side = keyof typeof sides;

/** Every limit of ours stays on, those per time wider than any machine. Nothing of the operator's own environment counts. */
const ENVIRONMENT = {
  NODE_ENV: 'production',
  LOG_LEVEL: 'warn',
  APOLLO_TELEMETRY_DISABLED: 'true',
  RATE_SIGNED_IN_REQUESTS: '1000000000',
  RATE_SIGNED_IN_COST: '1000000000000',
  RATE_ADDRESS_REQUESTS: '1000000000',
  RATE_ADDRESS_COST: '1000000000000',
};

/** A set-up with the exact text of its answer. */
interface Checked extends Setup {
  readonly expected: string;
}

async function start(side: Side, stops: Stops, { profileFolder }: Options): Promise<Checked> {
  log(`starting ${side}`);
  const { name, script, gatewayScript } = sides[side];
  const profile = profileFolder && `--cpu-prof --cpu-prof-dir=${join(profileFolder, side)}`;
  const child = await startChild(script, [], {
    ...ENVIRONMENT,
    PATH: process.env['PATH'],
    PORT: String(await freePort()),
    ...(profile ? { NODE_OPTIONS: profile } : {}),
  });
  stops.push(child.stop);
  const target: Target = {
    url: child.url,
    headers: { authorization: authorizationOf('reader') },
    body: JSON.stringify({ query: FEED, variables: { first: POSTS_ASKED, communityId: 'community' } }),
  };
  const agent = new Agent();
  const expected = await post(target, agent).finally(() => agent.destroy());
  return { name, child, gatewayScript, target: () => Promise.resolve(target), expected };
}

/** Throws where an answer has errors or is not the whole feed, or the two differ. */
function check(setups: Readonly<Record<Side, Checked>>): void {
  const dataOf = ({ name, expected }: Checked): FeedAnswer => {
    const { data, errors } = JSON.parse(expected) as { data?: FeedAnswer; errors?: unknown };
    if (!data || errors) throw new Error(`${name} answers with errors: ${JSON.stringify(errors)}`);
    const nodes = data.posts.edges.map(({ node }) => node);
    const isWhole = nodes.every(
      ({ author, counts, sentiment, comments }) =>
        author && counts && sentiment && comments?.edges.filter(({ node }) => node.author).length === COMMENTS_ASKED,
    );
    const votes = nodes.filter(({ viewerVote }) => viewerVote).length;
    if (!isWhole || nodes.length !== POSTS_ASKED || votes !== POSTS_ASKED / 2)
      throw new Error(`${name} answers with a part of the feed`);
    return data;
  };
  const [ours, stock] = [dataOf(setups.ours), dataOf(setups.stock)];
  // Deep equality forgets the order of fields, which GraphQL promises.
  if (!isDeepStrictEqual(ours, stock) || JSON.stringify(ours) !== JSON.stringify(stock))
    throw new Error('ours and stock answer differently');
}

/** Warms both up, then measures them in turn, so that what else the machine does weighs on both alike. */
async function measureAll(setups: Readonly<Record<Side, Checked>>, options: Options) {
  const rounds: Record<Side, RoundFigures[]> = { ours: [], stock: [] };
  for (let round = 0; round <= options.rounds; round++) {
    for (const side of ['ours', 'stock'] as const) {
      // V8 goes on compiling for seconds: what it does then is no part of a request.
      const seconds = round === 0 ? 2 * options.seconds : options.seconds;
      const { connections } = options;
      const load = { connections, seconds, expected: setups[side].expected };
      const { firstError, ...measured } = await measure(setups[side], load);
      if (firstError !== null) throw new Error(`${side}: ${measured.errors} wrong answers, the first: ${firstError}`);
      const figures = figuresOf(measured);
      const { cpuMsPerRequest, p50Ms, requestsPerSecond } = figures;
      const what = `${round === 0 ? 'warm-up' : `round ${round}`} ${side}`;
      log(`${what}: ${cpuMsPerRequest} ms CPU, p50 ${p50Ms} ms, ${Math.round(requestsPerSecond)}/s`);
      if (round > 0) rounds[side].push(figures);
    }
  }
  return rounds;
}

/** Throws where a set-up does not start, or an answer is not what it has to be. */
export async function run(args: readonly string[]): Promise<void> {
  const options = optionsOf(parseArgs({ args: [...args], options: commonOptions }).values);
  const loadBefore = rounded(loadavg()[0] ?? 0);
  await withStops(async (stops) => {
    const setups = { ours: await start('ours', stops, options), stock: await start('stock', stops, options) };
    check(setups);
    const { ours, stock } = await measureAll(setups, options);
    const ratio = ratioOf(ours, stock);
    const report = {
      machine: { cores: availableParallelism(), node: process.version, loadBefore },
      load: { connections: options.connections, seconds: options.seconds, rounds: options.rounds },
      query: FEED,
      answerBytes: Buffer.byteLength(setups.ours.expected),
      ratio,
      bar: BAR,
      isMet: ratio <= BAR,
      setups: { ours: { ...mediansOf(ours), rounds: ours }, stock: { ...mediansOf(stock), rounds: stock } },
    };
    process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  });
}

if (import.meta.main) await run(process.argv.slice(2));
