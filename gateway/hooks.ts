import type { IncomingHttpHeaders } from 'node:http';
import type { Logger } from 'kit/logger';
import type { EvaluatePolicies, ScopesOf } from './authorization/access.ts';
import type { CacheDeclaration } from './cache/declarations.ts';
import type { KindOf } from './documents/documents.ts';
import type { Plugin } from './plugins.ts';
import type { RestApi } from './rest/rest.ts';
import type { CorsHooks } from './security/origins.ts';
import type { RouteLimit } from './security/rate-limit.routes.ts';
import type { SubgraphRequest, SubgraphResponse, Transport } from 'kit/request';
import { anonymous, gatewayViewer, type Client, type Viewer } from 'kit/viewer';

export interface Credentials {
  /** The Authorization header, or the same from a socket's connection_init; null where there is none. */
  readonly authorization: string | null;
  readonly requestId: string;
  readonly client: Client;
}

export type RouteMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface RouteRequest {
  /** HEAD comes as GET. */
  readonly method: RouteMethod;
  readonly path: string;
  /** What stood in the places of the route's path: `:id` is `parameters.id`, decoded. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly search: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly requestId: string;
  readonly client: Client;
  /** The body as JSON. Throws a refusal for one that is no JSON, is not announced as such, or is too large. */
  readonly json: () => Promise<unknown>;
  /** The body as it is, decompressed, of any type: a page of any site may have made a browser send it. */
  readonly bytes: () => Promise<Buffer>;
}

export interface RouteResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Values of `Set-Cookie`, one each. */
  readonly cookies?: readonly string[];
  /**
   * In parts where it is large: each is asked for once the client has taken most of those before, and `return` is called where
   * the client has gone. What fails after the first part breaks the connection off: say `content-length`, so that it is noticed.
   */
  readonly body: string | Buffer | AsyncIterable<Uint8Array>;
}

/** Answers a path. Refuses by throwing an error with a code: `http.status` in its extensions, 400 without. */
export type RouteHandler = (request: RouteRequest) => Promise<RouteResponse>;

export interface Route extends Readonly<Partial<Record<RouteMethod, RouteHandler>>> {
  /** Instead of BODY_LIMIT_BYTES. */
  readonly bodyLimitBytes?: number;
  /** Without it everybody may ask as often as they like. */
  readonly limit?: RouteLimit;
}

/** What a product adds to the gateway. */
export interface GatewayHooks {
  /**
   * Who asks: `anonymous` without credentials. Throws CodedError UNAUTHENTICATED for credentials that are wrong or have
   * ended. Called for every request and every live event, so it should remember its answers for a moment.
   */
  readonly authenticate: (credentials: Credentials) => Promise<Viewer>;
  /**
   * Which of these Authorization headers, held by open connections, have ended: asked more than once a second with all of
   * them, so it should ask for many at a time and remember nothing. Without it each is authenticated again.
   */
  readonly ended?: (authorizations: readonly string[]) => Promise<readonly string[]>;
  /** Fields that are the same for every viewer, beside those the supergraph declares: `Post.title`, `Post.*`. */
  readonly publicFields?: readonly string[];
  /** What may be cached, for whom, and what events make invalid. */
  readonly caching?: CacheDeclaration;
  /** Which kind of client a viewer is to the safelist; by default API keys are told by their scopes. */
  readonly kindOf?: KindOf;
  /** Root fields of which an operation may use one, once, beside SENSITIVE_FIELDS: `Mutation.login`. */
  readonly sensitiveFields?: readonly string[];
  /** Which scopes (`@requiresScopes`) a viewer holds; without it those that they bring. */
  readonly scopesOf?: ScopesOf<Viewer>;
  /** Which of the named policies (`@policy`) hold for a viewer; without it none does. */
  readonly evaluatePolicies?: EvaluatePolicies<Viewer>;
  /** Parts that see operations pass, in their order. */
  readonly plugins?: readonly Plugin[];
  /**
   * Further paths and what they answer: a function answers GET. A path may have places, `/files/:name`, each for one whole
   * segment; one without goes before one with.
   */
  readonly routes?: Readonly<Record<string, RouteHandler | Route>>;
  /** Paths that stand for operations, described by OpenAPI. */
  readonly rest?: RestApi;
  /** What pages of ALLOWED_ORIGINS may send beside what the gateway reads. */
  readonly cors?: CorsHooks;
  /** Called at the stop, when no request runs any more and subgraphs can still be asked: for what is left to be told. */
  readonly stop?: () => Promise<void>;
}

export interface HookTools {
  /** Asks a subgraph on nobody's behalf. Rejects where the subgraph cannot be reached. */
  readonly send: (subgraph: string, request: SubgraphRequest) => Promise<SubgraphResponse>;
  /** Whether a page of the gateway's own origin or of ALLOWED_ORIGINS asks, or no page at all. */
  readonly isAllowedOrigin: (headers: IncomingHttpHeaders) => boolean;
  readonly isProduction: boolean;
  readonly logger: Logger;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** What a `--config` module exports under this name in camel case: `export const createHooks: CreateHooks = …`. */
export type CreateHooks = (tools: HookTools) => GatewayHooks;

/** Without a product's hooks everybody is anonymous and there are no further routes. */
export const noHooks: GatewayHooks = { authenticate: () => Promise.resolve(anonymous) };

/** The `send` that hooks are given. */
export function createSend(transports: Readonly<Record<string, Transport>>): HookTools['send'] {
  return async (subgraph, request) => {
    const transport = transports[subgraph];
    if (!transport) throw new Error(`there is no subgraph "${subgraph}"`);
    const client = { address: '', userAgent: 'gateway' };
    return transport.send(request, { viewer: gatewayViewer, requestId: crypto.randomUUID(), client, after: [] });
  };
}
