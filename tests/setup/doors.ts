import { readFileSync } from 'node:fs';
import { gatewaySettings } from 'gateway/config';
import { createGateway, type RunningGateway } from 'gateway/gateway';
import { inProcess } from 'gateway/transport/in-process';
import { createLogger } from 'kit/logger';
import type { Transport } from 'kit/request';
import { workerRedisUrl } from 'kit/testing/engines';
import type { TestGraph } from 'kit/testing/subgraph';
import { createHooks } from '../../gateway.config.ts';

const supergraphSdl = readFileSync(new URL('../../schema/supergraph.graphql', import.meta.url), 'utf8');
const SUBGRAPHS = ['users', 'content', 'engagement', 'search', 'insights'] as const;
export type SubgraphName = (typeof SUBGRAPHS)[number];

export interface Door extends RunningGateway {
  readonly origin: string;
  readonly ask: (method: string, path: string, asking?: Asking) => Promise<Reply>;
  readonly graphql: (query: string, variables?: object, asking?: Omit<Asking, 'body'>) => Promise<Reply>;
}

export interface Asking {
  readonly body?: unknown;
  readonly token?: string | null | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; whatever it is. */
  readonly json: unknown;
}

/** A gateway as the product has it, over some of its subgraphs; the others are away. */
export async function openDoor(
  running: Partial<Record<SubgraphName, TestGraph>>,
  environment: Readonly<Record<string, string>> = {},
): Promise<Door> {
  const settings = { NODE_ENV: 'test', LOG_LEVEL: 'silent', PORT: '0', RATE_LIMITS: 'off', ...environment };
  const gateway = await createGateway({
    supergraphSdl,
    transports: Object.fromEntries(SUBGRAPHS.map((name) => [name, transportTo(running[name])])),
    settings: gatewaySettings({ ...settings, REDIS_URL: workerRedisUrl() }),
    environment: settings,
    logger: createLogger('gateway', 'silent'),
    hooks: createHooks,
  });
  const { origin } = new URL(gateway.url);
  const ask: Door['ask'] = async (method, path, { body, token, headers = {} } = {}) => {
    const response = await fetch(origin + path, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token == null ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') && text !== '';
    return {
      status: response.status,
      headers: response.headers,
      text,
      json: isJson ? (JSON.parse(text) as unknown) : null,
    };
  };
  return {
    ...{ ...gateway, origin, ask },
    graphql: (query, variables = {}, asking = {}) => ask('POST', '/graphql', { ...asking, body: { query, variables } }),
  };
}

const away: Transport = { send: () => Promise.reject(new Error('away')), close: () => Promise.resolve() };

const transportTo = (graph: TestGraph | undefined): Transport =>
  graph ? inProcess((request, hop) => graph.running().execute(request, hop)) : away;
