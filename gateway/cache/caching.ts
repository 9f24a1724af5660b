import { print } from 'graphql';
import type { Redis } from 'ioredis';
import type { Logger } from 'kit/logger';
import type { Viewer } from 'kit/viewer';
import type { GatewaySettings } from '../config.ts';
import type { RequestContext } from '../execution/context.ts';
import type { Data } from '../execution/data.ts';
import type { EntityMemory } from '../execution/entity-memory.ts';
import type { Forwarding } from '../forwarding.ts';
import type { Graph } from '../graph/graph.ts';
import type { Planner } from '../graph/planner.ts';
import type { PlanDocuments } from '../operation/compile.ts';
import type { Operation } from '../operation/operation.ts';
import type { Answer, Ready } from '../answer.ts';
import { createCachedOperations } from './cached-operation.ts';
import { hintsByGraph, type CacheDeclaration, type CacheHints } from './declarations.ts';
import { createEntityCache, type EntityCache } from './entity-cache.ts';
import { followInvalidations, type Invalidations } from './invalidations.ts';
import { createOwnWrites, type OwnWrites } from './own-writes.ts';
import { createResponseCache, type ResponseCache } from './response-cache.ts';
import { createStore } from './store.ts';

export type CachingSettings = Pick<
  GatewaySettings,
  'RESPONSE_CACHE' | 'ENTITY_CACHE' | 'CACHE_MEMORY_BYTES' | 'CACHE_MAX_ENTRY_BYTES' | 'CACHE_SETTLE_SECONDS'
>;

export interface CachingOptions {
  readonly settings: CachingSettings;
  readonly redis: Redis;
  readonly declaration: CacheDeclaration;
  /** Coordinates that are public beside those of hints. */
  readonly publicFields: readonly string[];
  readonly planner: Planner;
  readonly forwarding: Pick<Forwarding, 'keyOf'>;
  readonly log: Logger;
}

/** Runs an operation with what is remembered of entities; `data` is filled with what subgraphs answer. */
export type RunWithMemory = (operation: Operation, data: Data, memory: EntityMemory | null) => Promise<Answer>;

export interface Caching {
  /** Answers a query or mutation out of what is kept, or by running it. */
  readonly answer: (ready: Ready, context: RequestContext, run: RunWithMemory) => Promise<Answer>;
  /** Makes invalid in every gateway what has one of these tags. */
  readonly invalidate: (tags: readonly string[]) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** The viewer with all that a subgraph is told of them, but for the session: everybody anonymous is one viewer. */
export function keyOfViewer({ sessionId: _, ...viewer }: Viewer): string | null {
  if (viewer.kind === 'anonymous') return 'anonymous';
  return viewer.kind === 'user' ? JSON.stringify(viewer) : null;
}

/** Follows nothing and costs nothing until a graph turns up with something cacheable in it. */
export function createCaching(options: CachingOptions): Caching {
  const hintsOf = hintsByGraph(options.declaration, options.publicFields);
  let caches: Caches | null = null;
  const started = (): Caches => (caches ??= startCaches(options, hintsOf));
  return {
    answer: async (ready, context, run) => {
      const { operation } = ready;
      const { graph, node } = operation;
      if (hintsOf(graph).isEmpty) return run(operation, {}, null);
      const { responses, entities, ownWrites } = started();
      if (node.operation !== 'query') {
        try {
          return await run(operation, {}, null);
        } finally {
          // Even where it failed: something may have been written.
          await ownWrites.note(context);
        }
      }
      const memory = entities?.(graph, context) ?? null;
      const runQuery = (one: Operation, data: Data): Promise<Answer> => run(one, data, memory);
      return responses ? responses.answer(ready, context, runQuery) : runQuery(operation, {});
    },
    invalidate: (tags) => started().invalidations.invalidate(tags),
    close: async () => caches?.invalidations.close(),
  };
}

interface Caches {
  readonly invalidations: Invalidations;
  readonly ownWrites: OwnWrites;
  readonly responses: ResponseCache | null;
  readonly entities: EntityCache | null;
}

function startCaches(options: CachingOptions, hintsOf: (graph: Graph) => CacheHints): Caches {
  const { settings, redis, declaration, planner, forwarding, log } = options;
  const { keyOf: keyOfOne = keyOfViewer } = declaration;
  const keyOf = ({ viewer, headers }: RequestContext): string | null => {
    const key = keyOfOne(viewer);
    const forwarded = forwarding.keyOf(headers);
    return key === null || forwarded === '' ? key : JSON.stringify([key, forwarded]);
  };
  const settleSeconds = settings.CACHE_SETTLE_SECONDS;
  const invalidations = followInvalidations({ redis, ...declaration, settleSeconds, log });
  const { CACHE_MEMORY_BYTES: memoryBytes, CACHE_MAX_ENTRY_BYTES: maxEntryBytes } = settings;
  const store = createStore({ redis, invalidations, memoryBytes, maxEntryBytes, log });
  const ownWrites = createOwnWrites(redis, invalidations, forwarding);
  const shared = { keyOf, store, invalidations, ownWrites, hintsOf };
  const planWith =
    (graph: Graph): PlanDocuments =>
    (documents, moved) =>
      planner.plan(graph, documents.map(print), false, moved);
  const operations = createCachedOperations({ hintsOf, planWith, log });
  return {
    invalidations,
    ownWrites,
    responses: settings.RESPONSE_CACHE === 'on' ? createResponseCache({ ...shared, operations }) : null,
    entities: settings.ENTITY_CACHE === 'on' ? createEntityCache(shared) : null,
  };
}
