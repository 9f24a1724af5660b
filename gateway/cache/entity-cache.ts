import { createHash } from 'node:crypto';
import type { FetchNode } from '@apollo/query-planner';
import { isCompositeType } from 'graphql';
import type { RequestContext } from '../execution/context.ts';
import type { Data } from '../execution/data.ts';
import type { EntityMemory, Recalled } from '../execution/entity-memory.ts';
import type { Graph } from '../graph/graph.ts';
import { caches } from '../metrics.ts';
import type { CacheHints } from './declarations.ts';
import { entityKeysOf, entityTag } from './entity-keys.ts';
import { entityPolicyOf, type EntityPolicy } from './entity-policy.ts';
import type { Invalidations } from './invalidations.ts';
import type { OwnWrites } from './own-writes.ts';
import { possibleTypesOf } from './policy.ts';
import type { Store } from './store.ts';

export interface EntityCacheOptions {
  readonly hintsOf: (graph: Graph) => CacheHints;
  /** Those with the same key are given the same private answers; null is given none. */
  readonly keyOf: (context: RequestContext) => string | null;
  readonly store: Store;
  readonly invalidations: Invalidations;
  readonly ownWrites: OwnWrites;
}

/** What queries remember of entities, for one request. Mutations and live events read afresh. */
export type EntityCache = (graph: Graph, context: RequestContext) => EntityMemory;

interface Decision extends EntityPolicy {
  /** The service and its text. */
  readonly question: string;
}

/** Answers to lookups of entities, each entity by itself. */
export function createEntityCache(options: EntityCacheOptions): EntityCache {
  const decided = new WeakMap<FetchNode, Decision | null>();
  const decisionOf = (graph: Graph, node: FetchNode): Decision | null => {
    let decision = decided.get(node);
    if (decision !== undefined) return decision;
    const policy = entityPolicyOf(graph, node, options.hintsOf(graph));
    decision = policy && { ...policy, question: JSON.stringify([graph.id, node.serviceName, node.operation]) };
    decided.set(node, decision);
    return decision;
  };
  return (graph, context) => ({
    recall: (node, representations, variables) => {
      const decision = decisionOf(graph, node);
      if (!decision) return null;
      const viewerKey = decision.scope === 'PUBLIC' ? '' : options.keyOf(context);
      const since = options.invalidations.now();
      if (viewerKey === null || since === null) {
        caches.inc({ cache: 'entity', outcome: 'bypassed' }, representations.length);
        return null;
      }
      const used = (node.variableUsages ?? []).map((name) => [name, Object.hasOwn(variables, name), variables[name]]);
      const question = [decision.scope, viewerKey, decision.question, used];
      const tags = decision.scope === 'PUBLIC' ? [] : [options.ownWrites.tagOf(context)];
      return recall(options, context, { decision, question, since, tags, representations, graph });
    },
  });
}

interface Asked {
  readonly decision: Decision;
  readonly question: readonly unknown[];
  readonly since: number;
  readonly tags: readonly string[];
  readonly representations: readonly Data[];
  readonly graph: Graph;
}

async function recall(
  { store, ownWrites }: EntityCacheOptions,
  context: RequestContext,
  { decision, question, since, tags, representations, graph }: Asked,
): Promise<Recalled> {
  const prefix = JSON.stringify(question);
  const keys = representations.map((representation) => keyFor(prefix, representation));
  const [hasWritten, entries] = await Promise.all([ownWrites.has(context), store.getMany(keys)]);
  if (hasWritten) {
    caches.inc({ cache: 'entity', outcome: 'bypassed' }, keys.length);
    return { entities: keys.map(() => undefined), remember: () => undefined };
  }
  const entities = entries.map((entry) => (entry ? (JSON.parse(entry.body) as Data) : undefined));
  const hits = entities.filter((entity) => entity !== undefined).length;
  if (hits > 0) caches.inc({ cache: 'entity', outcome: 'hit' }, hits);
  if (hits < keys.length) caches.inc({ cache: 'entity', outcome: 'miss' }, keys.length - hits);
  return {
    entities,
    remember: (index, entity) => {
      const [key, representation] = [keys[index], representations[index]];
      const own = representation && tagsOf(graph, representation);
      if (!key || !own) return;
      const { maxAgeSeconds } = decision;
      store.put(key, { since, maxAgeSeconds, tags: [...tags, ...own], body: JSON.stringify(entity) });
    },
  };
}

const keyFor = (prefix: string, representation: Data): string =>
  `entity:${createHash('sha256').update(prefix).update(JSON.stringify(representation)).digest('base64url')}`;

/**
 * Null for an entity that no event could name: it is known by another key than that of the tags. One that is asked for by its
 * interface may be of any of its types, and events name it by its own.
 */
function tagsOf(graph: Graph, representation: Data): readonly string[] | null {
  const name = representation['__typename'];
  const asked = typeof name === 'string' ? graph.schema.getType(name) : null;
  const types = isCompositeType(asked) ? possibleTypesOf(graph.schema, asked) : null;
  if (!asked || !types) return null;
  const keys = entityKeysOf(graph);
  const tags: string[] = [];
  for (const type of types) {
    const key = keys.get(type) ?? keys.get(asked.name);
    const tag = key && entityTag(type, key.map((field) => (Object.hasOwn(representation, field) ? representation[field] : null))); // prettier-ignore
    if (!tag) return null;
    tags.push(type, tag);
  }
  return tags;
}
