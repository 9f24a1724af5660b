import { join } from 'node:path';
import { freePort } from 'local/port';
import { type Child, startChild } from './child.ts';
import { FEED, type Feed, PASSWORD } from './feed.ts';
import { post, type Target } from './load.ts';
import { Agent } from 'node:http';
import type { BenchStores } from './stores.ts';
import { VIEWER_HEADER } from './stock/viewer.ts';

export const setupNames = ['inProcess', 'distributed', 'stock'] as const;
export type SetupName = (typeof setupNames)[number];

export interface Setup {
  readonly name: SetupName;
  readonly child: Child;
  /** Part of the command line of the process that clients talk to. */
  readonly gatewayScript: string;
  /** Asks for the feed as its reader; asked for anew before each round, because tokens end. */
  readonly target: () => Promise<Target>;
}

const commands = {
  inProcess: { script: 'local/start.ts', args: [], gatewayScript: 'local/start.ts' },
  distributed: { script: 'local/start.ts', args: ['--distributed'], gatewayScript: 'gateway/index.ts' },
  stock: { script: 'tools/bench/stock/start.ts', args: [], gatewayScript: 'tools/bench/stock/gateway.ts' },
} as const;

export interface SetupOptions {
  readonly stores: BenchStores;
  readonly feed: Feed;
  /** How many posts are asked for. */
  readonly first: number;
  /** Where each process leaves a CPU profile at its end; null for none. */
  readonly profileFolder: string | null;
}

/** Starts one way of serving the graph from the stores that all of them share. */
export async function startSetup(
  name: SetupName,
  { stores, feed, first, profileFolder }: SetupOptions,
): Promise<Setup> {
  const { script, args, gatewayScript } = commands[name];
  const environment = {
    ...stores.environment,
    ...(profileFolder === null ? {} : { NODE_OPTIONS: profileOptions(join(profileFolder, name)) }),
    PORT: String(await freePort()),
    DATA_DIR: join(stores.folder, name),
  };
  const child = await startChild(script, args, environment);
  const body = JSON.stringify({ query: FEED, variables: { first, communityId: feed.communityId } });
  const target = async (): Promise<Target> => ({
    url: child.url,
    body,
    headers:
      name === 'stock'
        ? { [VIEWER_HEADER]: feed.readerId }
        : { authorization: await signIn(child.url, feed.readerName) },
  });
  return { name, child, gatewayScript, target };
}

const profileOptions = (folder: string): string => `--cpu-prof --cpu-prof-dir=${folder}`;

/** What goes into the Authorization header. */
async function signIn(url: string, identifier: string): Promise<string> {
  const query = 'mutation SignIn($input: LoginInput!) { login(input: $input) { accessToken userErrors { message } } }';
  const body = JSON.stringify({ query, variables: { input: { identifier, password: PASSWORD } } });
  const agent = new Agent();
  const text = await post({ url, headers: {}, body }, agent).finally(() => agent.destroy());
  const { data } = JSON.parse(text) as { data?: { login: { accessToken: string | null } } | null };
  if (!data?.login.accessToken) throw new Error(`the reader cannot sign in: ${text}`);
  return `Bearer ${data.login.accessToken}`;
}
