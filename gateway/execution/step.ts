import type { FetchNode } from '@apollo/query-planner';
import type { SubgraphError, SubgraphRequest, SubgraphResponse } from 'kit/request';
import type { Data } from './data.ts';
import type { EntityMemory } from './entity-memory.ts';
import type { PlanPath } from './targets.ts';

/** One operation under way. */
export interface PlanRun {
  /** What subgraphs have answered so far, merged. */
  readonly data: Data;
  /** As the client sent them: each subgraph coerces for itself. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** Values of the variables that stand in @skip and @include, by the names that the plan knows. */
  readonly conditions: Readonly<Record<string, boolean>>;
  readonly errors: SubgraphError[];
  /** Asks a subgraph. Never rejects. */
  readonly fetch: (service: string, request: SubgraphRequest) => Promise<SubgraphResponse>;
  /** Entities of earlier operations. */
  readonly memory?: EntityMemory | null;
  /** Where deferred fragments are answered later than the rest. */
  readonly deferred?: DeferredRun | null;
}

/** A part of a plan. Undefined where it had nothing to wait for. */
export type Step = (run: PlanRun) => Promise<void> | undefined;

export interface EntityFetch {
  readonly node: FetchNode;
  readonly path: PlanPath;
}

/** What runs of an operation's deferred fragments. */
export interface DeferredRun {
  /** Begins a fragment's fetches, once what they depend on is there. */
  readonly begin: (label: string, block: DeferredBlock) => void;
  /** A fetch that fragments depend on has been answered. */
  readonly answered: (id: string) => void;
  /** Resolves with that fetch's answer; one that is never made has none. */
  readonly answerOf: (id: string) => Promise<void>;
  /** Resolves once everything around is there: whatever has not been fetched by then never is. */
  readonly around: Promise<unknown>;
}

export interface DeferredBlock {
  readonly isReady: Promise<unknown>;
  /** With errors of its own, and its own way to subgraphs. */
  readonly run: (own: Pick<PlanRun, 'errors' | 'fetch'>) => Promise<void> | undefined;
}
