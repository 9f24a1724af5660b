import { Agent } from 'node:http';
import { isDeepStrictEqual } from 'node:util';
import { post, type Target } from '../load.ts';
import { readCounts } from './counts.ts';
import { bodyOf, type BenchQuery, type QueryName } from './queries.ts';
import type { Gateway, GatewayName, Stage } from './setups.ts';

/** Longer than any bench. */
const TOKEN_SECONDS = 12 * 3600;

/** A query as one gateway is asked, and the exact text it answers. */
export interface Asked {
  readonly target: Target;
  readonly expected: string;
  /** How many requests to subgraphs it takes once its plan is known. */
  readonly fetches: number;
}

/** Asks both gateways. Throws where one answers with errors or other than the other, or lets a forged token in. */
export async function check(name: QueryName, query: BenchQuery, stage: Stage): Promise<Record<GatewayName, Asked>> {
  const authorization = await stage.issuer.authorization('reader', TOKEN_SECONDS);
  const ask = async (which: GatewayName): Promise<Asked> => {
    const { child } = gatewayOf(stage, which);
    const target = { url: child.url, headers: { authorization }, body: bodyOf(query) };
    const expected = await askOnce(target);
    const before = await readCounts(stage.subgraphs.url);
    if ((await askOnce(target)) !== expected) throw new Error(`${which} answers the same query in two ways`);
    const after = await readCounts(stage.subgraphs.url);
    await assertForgedIsRefused(which, target);
    return { target, expected, fetches: after.asked - before.asked };
  };
  const asked = { ours: await ask('ours'), stock: await ask('stock') };
  const [ours, stock] = [dataOf('ours', asked.ours), dataOf('stock', asked.stock)];
  if (!isDeepStrictEqual(ours, stock)) throw new Error(`query ${name}: ours and stock answer differently`);
  // Deep equality forgets the order of fields, which GraphQL promises.
  if (JSON.stringify(ours) !== JSON.stringify(stock)) throw new Error(`query ${name}: the order of fields differs`);
  return asked;
}

export function gatewayOf({ gateways }: Stage, which: GatewayName): Gateway {
  const found = gateways.find(({ name }) => name === which);
  if (!found) throw new Error(`${which} was not started`);
  return found;
}

async function askOnce(target: Target): Promise<string> {
  const agent = new Agent();
  return post(target, agent).finally(() => agent.destroy());
}

/** Without the viewer check a gateway would be measured at another task. */
async function assertForgedIsRefused(name: GatewayName, target: Target): Promise<void> {
  const headers = { ...target.headers, authorization: `${target.headers['authorization']}x` };
  const text = await askOnce({ ...target, headers }).catch((error: unknown) => String(error));
  if (!text.includes('UNAUTHENTICATED')) throw new Error(`${name} takes a forged token: ${text.slice(0, 500)}`);
}

function dataOf(name: GatewayName, { expected }: Asked): unknown {
  const { data, errors } = JSON.parse(expected) as { data?: unknown; errors?: unknown };
  if (errors || !data) throw new Error(`${name} answers with errors: ${JSON.stringify(errors)}`);
  return data;
}
