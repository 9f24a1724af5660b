import { CodedError } from 'kit/errors';
import { createLogger } from 'kit/logger';
import { anonymous, userViewer } from 'kit/viewer';
import { gatewaySettings } from '../config.ts';
import { createGateway, type GatewayOptions, type RunningGateway } from '../gateway.ts';
import type { HealthChecks } from '../health.ts';
import type { GatewayHooks } from '../hooks.ts';
import { httpTransport } from '../transport/http.ts';
import { inProcess } from '../transport/in-process.ts';
import { createTestGraph, SECRET, serveSubgraph, type TestGraph } from './graph.ts';

export interface TestGateway extends RunningGateway {
  readonly graph: TestGraph;
  /** Credentials that have ended. */
  readonly ended: Set<string>;
  readonly query: (query: string, options?: QueryOptions) => Promise<Answer>;
  readonly post: (body: string | Buffer, headers?: Record<string, string>) => Promise<Response>;
  readonly origin: string;
}

export interface QueryOptions {
  readonly variables?: Record<string, unknown>;
  readonly as?: string;
  readonly headers?: Record<string, string>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly { message: string; path?: unknown[]; extensions: Record<string, unknown> }[];
  readonly extensions?: Record<string, unknown>;
}

export type Transports = 'in-process' | 'http';

export interface TestGatewayOptions {
  readonly transports?: Transports;
  readonly environment?: Record<string, string>;
  readonly overrides?: Partial<GatewayOptions>;
}

/** A test asks more in a second than a person in a minute. */
const TEST_SETTINGS = { NODE_ENV: 'test', LOG_LEVEL: 'silent', PORT: '0', RATE_LIMITS: 'off' };

/** `Bearer <user id>` signs in as that user, until the credentials are put among the ended ones. */
export function hooksWith(ended: ReadonlySet<string>): GatewayHooks {
  return {
    authenticate: ({ authorization }) => {
      const id = authorization?.replace('Bearer ', '');
      if (id === undefined) return Promise.resolve(anonymous);
      if (!id.startsWith('user_') || ended.has(id)) {
        return Promise.reject(new CodedError('UNAUTHENTICATED', 'These credentials do not hold.'));
      }
      return Promise.resolve(userViewer(id, 'user', `session_of_${id}`));
    },
    routes: {
      '/.well-known/thing': ({ requestId }) =>
        Promise.resolve({
          status: 200,
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ requestId }),
        }),
    },
  };
}

/** A gateway over the test graph, on a free port. */
export async function startTestGateway(options: TestGatewayOptions = {}): Promise<TestGateway> {
  const graph = createTestGraph();
  const ended = new Set<string>();
  const { transports, health, close } = await transportsTo(graph, options.transports ?? 'in-process');
  const gateway = await createGateway({
    supergraphSdl: graph.supergraphSdl,
    transports,
    health,
    settings: gatewaySettings({ ...TEST_SETTINGS, ...options.environment }),
    logger: createLogger('gateway-test', 'silent'),
    hooks: hooksWith(ended),
    ...options.overrides,
  });
  const stop = async (): Promise<void> => {
    await gateway.stop();
    await close();
  };
  const origin = new URL(gateway.url).origin;
  return { ...gateway, stop, graph, ended, origin, ...clientOf(gateway.url) };
}

async function transportsTo({ subgraphs }: TestGraph, kind: Transports) {
  if (kind === 'in-process') {
    const transports = { library: inProcess(subgraphs.library), people: inProcess(subgraphs.people) };
    return { transports, health: {} as HealthChecks, close: () => Promise.resolve() };
  }
  const [library, people] = [
    await serveSubgraph('library', subgraphs.library),
    await serveSubgraph('people', subgraphs.people),
  ];
  const to = (name: string, url: string) =>
    httpTransport({ name, url, secret: SECRET, timeoutSeconds: 2, responseLimitBytes: 100_000, connections: 4 });
  const transports = { library: to('library', library.url), people: to('people', people.url) };
  const health: HealthChecks = { library: transports.library.health, people: transports.people.health };
  return { transports, health, close: async () => void (await Promise.all([library.close(), people.close()])) };
}

const ACCEPT = 'application/graphql-response+json, application/json;q=0.9';

function clientOf(url: string) {
  const post = (body: string | Buffer, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(url, {
      method: 'POST',
      // As today's clients ask: statuses then tell whether anything has run.
      headers: { 'content-type': 'application/json', accept: ACCEPT, ...headers },
      body: new Uint8Array(Buffer.from(body)),
    });
  const query = async (text: string, { variables, as, headers = {} }: QueryOptions = {}): Promise<Answer> => {
    const authorization: Record<string, string> = as ? { authorization: `Bearer ${as}` } : {};
    const response = await post(JSON.stringify({ query: text, variables }), { ...authorization, ...headers });
    return { ...((await response.json()) as object), status: response.status, headers: response.headers };
  };
  return { post, query };
}
