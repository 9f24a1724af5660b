import { createHash } from 'node:crypto';
import type { RequestContext } from '../execution/context.ts';
import type { Data } from '../execution/data.ts';
import { caches } from '../metrics.ts';
import type { Operation } from '../operation/operation.ts';
import type { Answer, Ready } from '../answer.ts';
import { answerOf, note } from './answers.ts';
import type { CachedOperation, CachedOperations } from './cached-operation.ts';
import type { Entry } from './entry.ts';
import type { Invalidations } from './invalidations.ts';
import type { OwnWrites } from './own-writes.ts';
import type { Store } from './store.ts';

/** Runs an operation; `data` is filled with what subgraphs answer. */
export type Run = (operation: Operation, data: Data) => Promise<Answer>;

export interface ResponseCache {
  readonly answer: (ready: Ready, context: RequestContext, run: Run) => Promise<Answer>;
}

export interface ResponseCacheOptions {
  readonly operations: CachedOperations;
  /** Those with the same key are given the same private answers; null is given none. */
  readonly keyOf: (context: RequestContext) => string | null;
  readonly store: Store;
  readonly invalidations: Invalidations;
  readonly ownWrites: OwnWrites;
}

/** One question under way. What later askers are given was read before they asked: not by more than this. */
interface Flight {
  readonly startedAt: number;
  readonly entry: Promise<Entry | null>;
}
const JOIN_MILLISECONDS = 1000;

/**
 * Answers to queries, kept under everything that they depend on. An answer counts from the moment before anything of it was
 * read; whatever becomes invalid from then on makes it invalid, even while it is under way.
 */
export function createResponseCache(options: ResponseCacheOptions): ResponseCache {
  const { operations, keyOf, store, invalidations, ownWrites } = options;
  const flights = new Map<string, Flight>();

  const lead = async (asked: Asked, operation: CachedOperation, run: Run): Promise<Answer> => {
    const data: Data = {};
    const flight = Promise.withResolvers<Entry | null>();
    flights.set(asked.key, { startedAt: performance.now(), entry: flight.promise });
    let entry: Entry | null = null;
    try {
      const answer = await run(operation.marked, data);
      entry = entryOf(asked, operation, answer, data);
      if (!entry) return answer;
      // What does not hold here is not for others to keep.
      const isHolding = store.put(asked.key, entry);
      if (isHolding) note(answer, entry, operation.scope, invalidations.now() ?? asked.since);
      return answer;
    } finally {
      flights.delete(asked.key);
      flight.resolve(entry);
    }
  };
  const join = async ({ entry }: Flight, scope: CachedOperation['scope']): Promise<Answer | null> => {
    const found = await entry;
    const now = invalidations.now();
    if (!found || now === null || !invalidations.isValid(found.tags, found.since)) return null;
    count('joined');
    return answerOf(found, scope, now);
  };
  return {
    answer: async ({ operation, variables }, context, run) => {
      const decision = operations(operation);
      const cached = decision instanceof Promise ? await decision : decision;
      if (!cached) return run(operation, {});
      const viewerKey = cached.scope === 'PUBLIC' ? '' : keyOf(context);
      const since = invalidations.now();
      if (viewerKey === null || since === null) return bypass(operation, run);
      const key = keyIn(cached, viewerKey, variables.sent);
      const [hasWritten, [found]] = await Promise.all([ownWrites.has(context), store.getMany([key])]);
      if (hasWritten) return bypass(operation, run);
      // Another one may have asked and been answered while we looked in Redis.
      const entry = found ?? store.peek(key);
      if (entry) {
        count('hit');
        return answerOf(entry, cached.scope, invalidations.now() ?? since);
      }
      const flight = flights.get(key);
      if (flight && performance.now() - flight.startedAt < JOIN_MILLISECONDS) {
        // Errors are each asker's own: who finds none to share asks for themselves.
        const joined = await join(flight, cached.scope);
        if (joined) return joined;
        return bypass(operation, run);
      }
      count('miss');
      const tags = cached.scope === 'PUBLIC' ? cached.tags : [...cached.tags, ownWrites.tagOf(context)];
      return lead({ key, tags, since }, cached, run);
    },
  };
}

interface Asked {
  readonly key: string;
  /** Those that are known before anything has been read. */
  readonly tags: readonly string[];
  readonly since: number;
}

const count = (outcome: string): void => caches.inc({ cache: 'response', outcome });

function bypass(operation: Operation, run: Run): Promise<Answer> {
  count('bypassed');
  return run(operation, {});
}

/** Scope and viewer first: no client's text can make one viewer's key another's. */
function keyIn({ scope, keyFor }: CachedOperation, viewer: string, variables: Ready['variables']['sent']): string {
  const parts = JSON.stringify([scope, viewer, keyFor(variables)]);
  return `response:${createHash('sha256').update(parts).digest('base64url')}`;
}

/** Null for what is not kept: errors, and roots that are not there, which nothing would tell of once they are. */
function entryOf(asked: Asked, operation: CachedOperation, answer: Answer, data: Data): Entry | null {
  if (answer.errors || !answer.data || answer.extensions) return null;
  for (const name of Object.keys(answer.data)) if (answer.data[name] === null) return null;
  const tags = new Set(asked.tags);
  operation.collectTags(data, tags);
  const { maxAgeSeconds } = operation;
  return { since: asked.since, maxAgeSeconds, tags: [...tags], body: JSON.stringify(answer) };
}
