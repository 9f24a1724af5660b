/**
 * `npm run bench -- gateway`: CPU per request of the gateway process, ours beside a stock `@apollo/server` standalone over
 * `@apollo/gateway` with its default data source, over the same HTTP subgraphs, in one run. Ours is started by the command
 * line that users have, with its limits, metrics and viewer check on; stock checks the same token by the same code. Answer
 * caches and de-duplication of identical requests are off on both, plans are warm. Three queries: one field (bar 0.25 of
 * stock's CPU), a list of 100 entities with a second hop and `@requires` (0.35), and a wide nested query over four
 * subgraphs with about 80 kB of answer (0.25). The subgraphs answer known bodies from memory, so that they hardly weigh.
 *
 * For orientation, others measured in the same way on 2 cores (they do not run here), as a part of stock's CPU:
 *
 *     Apollo Router (Rust)  0.62  0.66  0.88
 *     Cosmo (Go)            0.37  0.44  0.28
 *     Hive Router (Rust)    0.16  0.16  0.07
 *     the best on Node      0.15  0.95  0.59
 *
 * Prints JSON on stdout, progress on stderr. Ends with 1 where answers differ. `--query a|b|c` measures one of the three,
 * `--profile FOLDER` leaves a CPU profile of both gateways.
 */
import { availableParallelism, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { type Asked, check, gatewayOf } from './gateway/check.ts';
import { type LoadProcess, startLoadProcess } from './gateway/load-process.ts';
import { queries, type QueryName, queryNames } from './gateway/queries.ts';
import { reportOf, type Rounds } from './gateway/report.ts';
import { measure } from './gateway/round.ts';
import { type GatewayName, gatewayNames, type Stage, startStage } from './gateway/setups.ts';
import { commonOptions, type Options, optionsOf } from './options.ts';
import { rounded } from './statistics.ts';
import { type Stops, withStops } from './stops.ts';

const log = (line: string): void => void process.stderr.write(`${line}\n`);

interface GatewayOptions extends Options {
  readonly queryNames: readonly QueryName[];
}

function readOptions(args: readonly string[]): GatewayOptions {
  const { values } = parseArgs({ args: [...args], options: { ...commonOptions, query: { type: 'string' } } });
  const asked = queryNames.filter((name) => values.query === undefined || name === values.query);
  if (asked.length === 0) throw new Error(`--query is one of ${queryNames.join(', ')}`);
  return { ...optionsOf(values), queryNames: asked };
}

interface Prepared {
  readonly name: QueryName;
  readonly asked: Record<GatewayName, Asked>;
  readonly rounds: Rounds;
}

/** A round of each query on each gateway in turn, so that what else the machine does weighs on all alike. */
async function runRound(
  round: number,
  prepared: readonly Prepared[],
  { stage, clients, options }: { stage: Stage; clients: LoadProcess; options: GatewayOptions },
): Promise<void> {
  const isWarmUp = round === 0;
  // V8 goes on compiling for seconds: what it does then is no part of a request.
  const seconds = isWarmUp ? 2 * options.seconds : options.seconds;
  for (const { name, asked, rounds } of prepared) {
    // Whoever comes second finds the machine as the first has left it, so they take turns.
    for (const which of round % 2 === 0 ? gatewayNames.toReversed() : gatewayNames) {
      const load = { connections: options.connections, seconds };
      const figures = await measure({ gateway: gatewayOf(stage, which), stage, clients, asked: asked[which], load });
      const { gatewayCpuMs, p50Ms, requestsPerSecond } = figures;
      const what = `${isWarmUp ? 'warm-up' : `round ${round}`} ${name} ${which}`;
      log(`${what}: ${gatewayCpuMs} ms CPU, p50 ${p50Ms} ms, ${Math.round(requestsPerSecond)}/s`);
      if (!isWarmUp) rounds[which].push(figures);
    }
  }
}

async function measureAll(stops: Stops, options: GatewayOptions): Promise<object> {
  // What others did on the machine before: figures of a busy one wander.
  const loadBefore = rounded(loadavg()[0] ?? 0);
  const stage = await startStage(stops, { profileFolder: options.profileFolder, log });
  const prepared: Prepared[] = [];
  for (const name of options.queryNames) {
    prepared.push({ name, asked: await check(name, queries[name], stage), rounds: { ours: [], stock: [] } });
  }
  const clients = startLoadProcess();
  stops.push(clients.stop);
  for (let round = 0; round <= options.rounds; round++) await runRound(round, prepared, { stage, clients, options });
  const reports = prepared.map(({ name, asked, rounds }) => {
    const fetches = { ours: asked.ours.fetches, stock: asked.stock.fetches };
    const answerBytes = Buffer.byteLength(asked.ours.expected);
    return [name, { ...reportOf(queries[name], rounds), answerBytes, fetches }] as const;
  });
  return {
    machine: { cores: availableParallelism(), node: process.version, loadBefore },
    load: { connections: options.connections, seconds: options.seconds, rounds: options.rounds },
    redis: stage.isEmbeddedRedis ? 'embedded in the bench' : 'a server of its own',
    queries: Object.fromEntries(reports),
  };
}

/** Throws where a gateway does not start, or an answer is not what it has to be. */
export async function run(args: readonly string[]): Promise<void> {
  const options = readOptions(args);
  await withStops(async (stops) => {
    const report = await measureAll(stops, options);
    process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  });
}
