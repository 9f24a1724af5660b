import { composeServices } from '@apollo/composition';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { execute, GraphQLError, parse, validate, type ExecutionResult, type GraphQLResolveInfo } from 'graphql';
import { createLogger } from 'kit/logger';
import type { SubgraphResponse } from 'kit/request';
import { gatewaySettings } from '../../config.ts';
import { createGateway } from '../../gateway.ts';
import { inProcess } from '../../transport/in-process.ts';
import type { Answer, Ask, Send, Variables } from './ask.ts';
import { representationCheck } from './representations.ts';
import { startStock } from './stock.ts';

type Resolver = (
  // A test's resolvers know what they have returned themselves.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  parent: any,
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  values: any,
  context: unknown,
  info: GraphQLResolveInfo,
) => unknown;

export interface SubgraphParts {
  readonly typeDefs: string;
  readonly resolvers?: Readonly<Record<string, unknown>>;
  /** Cannot be reached. */
  readonly isDown?: boolean;
}
export type Resolvers = Readonly<Record<string, Readonly<Record<string, Resolver | object>>>>;

export interface Fetched {
  readonly subgraph: string;
  readonly query: string;
  readonly variables: Variables;
}

export interface Federation {
  /** The gateway of this repository, over HTTP. */
  readonly ours: Ask;
  readonly url: string;
  /** Apollo Server over Apollo Gateway, over the same subgraphs; started by its first question, rejects where it refuses the supergraph. */
  readonly stock: Ask;
  readonly supergraphSdl: string;
  /** What subgraphs have been asked since `forget`, in order of arrival. */
  readonly fetched: readonly Fetched[];
  /** Requests that a subgraph’s schema does not allow, and representations without a key; a gateway sends none. */
  readonly invalid: readonly string[];
  readonly forget: () => void;
  readonly stop: () => Promise<void>;
}

/** Federation 2 with every directive that a test may want. */
export const LINK = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.8", import: [
    "@key" "@requires" "@provides" "@external" "@shareable" "@override" "@inaccessible" "@interfaceObject" "@extends"
    "@tag" "@composeDirective" "@context" "@fromContext"
  ])
`;

/** A coded error, which leaves the gateway as it is. */
export function fail(code: string): never {
  throw new GraphQLError(`It failed with ${code}.`, { extensions: { code } });
}

/** What tests of execution must not run into: limits are another folder's subject. */
const SETTINGS = {
  MAX_DEPTH: '200',
  MAX_TOKENS: '100000',
  MAX_ALIASES: '100000',
  MAX_ROOT_FIELDS: '1000',
  MAX_DIRECTIVES: '100000',
  MAX_OVERLAPS: '10000000',
  MAX_COST: '1000000000',
  RATE_LIMITS: 'off',
  BODY_LIMIT_BYTES: '5000000',
};

/** Composes subgraphs, and starts both gateways over them in this process. */
export async function startFederation(
  subgraphs: Readonly<Record<string, SubgraphParts>>,
  supergraphSdl: string = compose(subgraphs),
): Promise<Federation> {
  const fetched: Fetched[] = [];
  const invalid: string[] = [];
  const send = Object.fromEntries(
    Object.entries(subgraphs).map(([name, parts]) => [name, createSend(name, parts, fetched, invalid)] as const),
  );
  const ours = await startOurs(supergraphSdl, send);
  let stock: ReturnType<typeof startStock> | undefined;
  return {
    ours: ours.ask,
    url: ours.url,
    stock: async (query, variables) => (await (stock ??= startStock(supergraphSdl, send))).ask(query, variables),
    supergraphSdl,
    fetched,
    invalid,
    forget: () => void ((fetched.length = 0), (invalid.length = 0)),
    stop: async () => {
      await ours.stop();
      // One that could not start has nothing to stop.
      await stock?.then(
        ({ stop }) => stop(),
        () => undefined,
      );
    },
  };
}

export function compose(subgraphs: Readonly<Record<string, SubgraphParts>>): string {
  const { supergraphSdl, errors } = composeServices(
    Object.entries(subgraphs).map(([name, { typeDefs }]) => ({
      name,
      url: `http://127.0.0.1:1/${name}`,
      typeDefs: parse(typeDefs),
    })),
  );
  if (!supergraphSdl) throw new Error(errors?.map(String).join('\n'));
  return supergraphSdl;
}

/** The subgraph as a function: graphql-js over its schema, refusing what it would refuse over HTTP. */
function createSend(name: string, parts: SubgraphParts, fetched: Fetched[], invalid: string[]): Send {
  const modules = [{ typeDefs: parse(parts.typeDefs), resolvers: parts.resolvers ?? {} }];
  const schema = buildSubgraphSchema(modules as Parameters<typeof buildSubgraphSchema>[0]);
  const problemOf = representationCheck(parts.typeDefs);
  return async ({ query, variables = {}, operationName }) => {
    fetched.push({ subgraph: name, query, variables });
    if (parts.isDown) throw new Error('connect ECONNREFUSED');
    const document = parse(query);
    const refused = validate(schema, document);
    for (const { message } of refused) invalid.push(`${name}: ${message} in ${query}`);
    const representations = (variables['representations'] ?? []) as unknown;
    for (const one of Array.isArray(representations) ? representations : []) {
      const problem = problemOf(one);
      if (problem !== null) invalid.push(`${name}: ${problem} for ${query}`);
    }
    if (refused.length > 0) return { errors: refused.map((error) => error.toJSON()) };
    return asResponse(
      await execute({ schema, document, variableValues: { ...variables }, operationName: operationName ?? null }),
    );
  };
}

const asResponse = ({ data, errors }: ExecutionResult): SubgraphResponse => ({
  ...(data === undefined ? {} : { data }),
  ...(errors ? { errors: errors.map((error) => error.toJSON()) } : {}),
});

async function startOurs(supergraphSdl: string, send: Readonly<Record<string, Send>>) {
  const gateway = await createGateway({
    supergraphSdl,
    transports: Object.fromEntries(Object.entries(send).map(([name, run]) => [name, inProcess(run)])),
    settings: gatewaySettings({ NODE_ENV: 'test', LOG_LEVEL: 'silent', ...SETTINGS }),
    logger: createLogger('conformance', 'silent'),
    redisUrl: null,
    port: 0,
  });
  const ask: Ask = async (query, variables = {}) => {
    const body = JSON.stringify({ query, variables });
    const response = await fetch(gateway.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    return (await response.json()) as Answer;
  };
  return { ask, url: gateway.url, stop: gateway.stop };
}
