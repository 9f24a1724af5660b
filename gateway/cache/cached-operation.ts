import { createHash } from 'node:crypto';
import { getOperationAST, print } from 'graphql';
import type { Logger } from 'kit/logger';
import { codeOf } from '../errors.ts';
import type { Graph } from '../graph/graph.ts';
import { compileOperation, type PlanDocuments } from '../operation/compile.ts';
import type { Operation } from '../operation/operation.ts';
import type { CacheHints } from './declarations.ts';
import { markDocument, type MarkedDocument } from './marked.ts';
import { policyOf, type CachePolicy } from './policy.ts';

/** An operation whose answers may be kept. */
export interface CachedOperation extends CachePolicy {
  /** The same operation, planned to tell what its answer is about. */
  readonly marked: Operation;
  readonly collectTags: MarkedDocument['collectTags'];
  /** Names the question: the graph, the operation as it runs, and its variables. */
  readonly keyFor: (variables: Readonly<Record<string, unknown>>) => string;
}

/** What is decided of an operation, at once where it has been before; null where its answers are not kept. */
export type CachedOperations = (operation: Operation) => CachedOperation | null | Promise<CachedOperation | null>;

export interface CachedOperationOptions {
  readonly hintsOf: (graph: Graph) => CacheHints;
  readonly planWith: (graph: Graph) => PlanDocuments;
  readonly log: Logger;
}

/** Decides once per operation. */
export function createCachedOperations({ hintsOf, planWith, log }: CachedOperationOptions): CachedOperations {
  const decided = new WeakMap<Operation, ReturnType<CachedOperations>>();
  return (operation) => {
    const known = decided.get(operation);
    if (known !== undefined) return known;
    const { graph } = operation;
    const hints = hintsOf(graph);
    // Where rights are lacking there are errors, and those are not kept.
    const policy = hints.isEmpty || operation.refused.length > 0 ? null : policyOf(operation, hints);
    const marks = policy && markDocument(graph, operation.document);
    if (!policy || !marks) {
      decided.set(operation, null);
      return null;
    }
    const planned = plannedAgain(operation, marks, planWith(graph)).then(
      (marked) => ({ ...policy, marked, collectTags: marks.collectTags, keyFor: keysOf(operation) }),
      (error: unknown) => (isPassing(error) ? undefined : notCached(log, operation, error)),
    );
    const decision = planned.then((cached) => {
      if (cached === undefined) decided.delete(operation);
      else decided.set(operation, cached);
      return cached ?? null;
    });
    decided.set(operation, decision);
    return decision;
  };
}

/** Whether the next one to ask may find it planned. What takes too long takes as long again. */
const isPassing = (error: unknown): boolean => codeOf(error) === 'PLANNER_BUSY';

function notCached(log: Logger, { name }: Operation, error: unknown): null {
  log.warn({ err: error, operationName: name }, 'an operation is not cached: it cannot be planned for that');
  return null;
}

/** Fetches more than the operation, and shapes its answer: what marks the objects is nobody's to see. */
async function plannedAgain(
  operation: Operation,
  { document }: MarkedDocument,
  plan: PlanDocuments,
): Promise<Operation> {
  const { graph, text, name, cost, moved } = operation;
  const node = getOperationAST(document, operation.node.name?.value) ?? operation.node;
  const { fetchAll } = await compileOperation(graph, { text, name, document, node, cost, moved }, plan);
  return { ...operation, fetchAll };
}

/**
 * Two requests have one key only if they ask the same, with the same rights. Variables count as they are sent on, whatever
 * their names.
 */
function keysOf({ graph, document, node, rightsKey }: Operation): CachedOperation['keyFor'] {
  const question = createHash('sha256')
    .update(`${graph.id}\0${rightsKey}\0${node.name?.value ?? ''}\0${print(document)}`)
    .digest('base64url');
  return (variables) => `${question}${JSON.stringify(variables)}`;
}
