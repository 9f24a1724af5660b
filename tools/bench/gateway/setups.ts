import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from 'local/port';
import { startRedis } from 'local/redis';
import { type Child, startChild } from '../child.ts';
import type { Stops } from '../stops.ts';
import { composeSupergraph, subgraphNames } from './graph.ts';
import { KEYS_VARIABLE, createIssuer, type Issuer } from './token.ts';

export const gatewayNames = ['ours', 'stock'] as const;
export type GatewayName = (typeof gatewayNames)[number];

export interface Gateway {
  readonly name: GatewayName;
  readonly child: Child;
}

export interface Stage {
  readonly gateways: readonly Gateway[];
  /** Its URL tells how many answers all four have computed. */
  readonly subgraphs: Child;
  /** Whether Redis runs in this very process. */
  readonly isEmbeddedRedis: boolean;
  readonly issuer: Issuer;
}

/** Both run as in production; no set-up speaks to anything but the loopback address. */
const COMMON = { NODE_ENV: 'production', LOG_LEVEL: 'warn', APOLLO_TELEMETRY_DISABLED: 'true' };

/**
 * Every limit of ours stays on and none of them is reached: what is per request has its default, what is per time is
 * wider than any machine. Answer caches and de-duplication between requests are off on both sides.
 */
const OURS: Readonly<Record<string, string>> = {
  RATE_SIGNED_IN_REQUESTS: '1000000000',
  RATE_SIGNED_IN_COST: '1000000000000',
  // The wide query has some 1,700 objects on purpose.
  MAX_COST: '1000000',
  RATE_ANONYMOUS_COST: '1000000',
  FETCH_SHARING: 'off',
  RESPONSE_CACHE: 'off',
  ENTITY_CACHE: 'off',
};

/** Redis, four subgraphs, and both gateways over one supergraph file. */
export async function startStage(
  stops: Stops,
  { profileFolder, log }: { readonly profileFolder: string | null; readonly log: (line: string) => void },
): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'gateway-bench-'));
  stops.push(() => rm(folder, { recursive: true, force: true }));
  const redis = await startRedis({ directory: folder, log });
  stops.push(redis.stop);
  log(redis.description);

  const ports = await freePorts(subgraphNames.length);
  const environment = { ...COMMON, PATH: process.env['PATH'] ?? '' };
  const subgraphs = await startChild('tools/bench/gateway/subgraphs.ts', ports.map(String), environment);
  stops.push(subgraphs.stop);
  const supergraph = join(folder, 'supergraph.graphql');
  const urlOf = (name: (typeof subgraphNames)[number]) => `http://127.0.0.1:${ports[subgraphNames.indexOf(name)]}/`;
  await writeFile(supergraph, composeSupergraph(urlOf));

  const issuer = await createIssuer();
  const start = async (name: GatewayName, script: string, args: string[], more: Record<string, string>) => {
    log(`starting ${name}`);
    const profile = profileFolder === null ? {} : profileIn(join(profileFolder, name));
    const keys = { [KEYS_VARIABLE]: JSON.stringify(issuer.keys) };
    const child = await startChild(script, args, { ...environment, ...keys, ...profile, ...more });
    stops.push(child.stop);
    return { name, child };
  };
  const port = String(await freePort());
  const config = 'tools/bench/gateway/gateway.config.ts';
  const oursArgs = ['--supergraph', supergraph, '--port', port, '--config', config];
  const ours = await start('ours', 'gateway/index.ts', oursArgs, { ...OURS, REDIS_URL: redis.url });
  const stockPort = { PORT: String(await freePort()) };
  const stock = await start('stock', 'tools/bench/gateway/stock.ts', [supergraph], stockPort);
  return { gateways: [ours, stock], subgraphs, isEmbeddedRedis: redis.engine === 'embedded', issuer };
}

async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await freePort());
  return [...ports];
}

const profileIn = (folder: string) => ({ NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${folder}` });
