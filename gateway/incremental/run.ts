import type { SubgraphError } from 'kit/request';
import { errorsFor } from '../authorization/refusals.ts';
import type { RequestContext } from '../execution/context.ts';
import type { DeferredRun } from '../execution/step.ts';
import type { FetchFromSubgraph } from '../execution/fetch.ts';
import type { PlanRun } from '../execution/step.ts';
import { asSubgraphError, forClient, nothing } from '../execution/run.ts';
import type { Answer, Ready } from '../answer.ts';
import { createDelivery, type Delivered } from './delivery.ts';
import type { OperationInParts } from './in-parts.ts';

/** An answer whose parts come one after the other. */
export interface AnswerInParts {
  readonly first: Answer;
  readonly begun: Pick<Delivered, 'pending' | 'hasNext'>;
  readonly labelOf: OperationInParts['labelOf'];
  /** Hands out the rest, one at a time, until all is sent or nobody listens any more. Never rejects but for `send`. */
  readonly rest: (send: (delivered: Delivered) => Promise<void>) => Promise<void>;
}

export interface RunOptions {
  readonly context: RequestContext;
  readonly fetchFromSubgraph: FetchFromSubgraph;
  /** Aborted once the client has gone: nothing more is asked of subgraphs then, but for what a mutation does itself. */
  readonly signal: AbortSignal;
  readonly timeoutMilliseconds: number;
  readonly tellsEmpty: boolean;
  /** What a client is told of a failure of ours. */
  readonly format: (error: unknown) => SubgraphError;
}

/** Fetches and shapes what comes first, and begins with the rest as soon as it can. */
export async function runInParts(
  inParts: OperationInParts,
  { operation, variables: { sent, values, conditions } }: Ready,
  options: RunOptions,
): Promise<AnswerInParts> {
  const { context, signal, fetchFromSubgraph, timeoutMilliseconds, tellsEmpty, format } = options;
  const errors: SubgraphError[] = [];
  const gone = { data: null };
  const fetch: PlanRun['fetch'] = (service, request) => fetchFromSubgraph(service, request, context);
  const fetchForClient: PlanRun['fetch'] = async (service, request) =>
    signal.aborted ? gone : fetch(service, request);
  const fetching = createFetching(fetchForClient, format);
  const run: PlanRun = {
    data: {},
    variables: sent,
    conditions: operation.names.variables(conditions),
    errors,
    // A mutation that has begun is carried out as a whole.
    fetch: operation.node.operation === 'mutation' ? fetch : fetchForClient,
  };
  for (const step of inParts.steps) await step({ ...run, deferred: fetching.deferred() });
  const named = (found: readonly SubgraphError[]) => found.map((error) => forClient(error, operation));
  const delivery = createDelivery({
    isFetched: fetching.isDone,
    takeErrors: (label) => named(fetching.takeErrors(label)),
    tellsEmpty,
  });
  const part = inParts.shape(run.data, { conditions, variables: values });
  const begun = delivery.begin(part, named(errors));
  const refused = operation.refused.length > 0 ? errorsFor(operation.refused, values).map(asSubgraphError) : [];
  const found = [...begun.errors, ...refused];
  if (part.data === null && found.length === 0) found.push(nothing);
  const rest: AnswerInParts['rest'] = async (send) => {
    const timer = AbortSignal.timeout(timeoutMilliseconds);
    const end = AbortSignal.any([signal, timer]);
    for (let { hasNext } = begun; hasNext && !signal.aborted;) {
      const delivered = delivery.next() ?? (timer.aborted ? delivery.giveUp(late) : null);
      if (!delivered) {
        await fetching.change(end);
        continue;
      }
      ({ hasNext } = delivered);
      await send(delivered);
    }
  };
  const first = found.length === 0 ? { data: part.data } : { errors: found, data: part.data };
  return { first, begun, labelOf: inParts.labelOf, rest };
}

const late: SubgraphError = {
  message: 'This part of the answer has taken too long: ask for it again.',
  extensions: { code: 'DEFER_TIMEOUT' },
};

interface Fetching {
  /** For one plan: its fetches have numbers of their own. */
  readonly deferred: () => DeferredRun;
  readonly isDone: (label: string) => boolean;
  readonly takeErrors: (label: string) => readonly SubgraphError[];
  /** Resolves once another fragment has been fetched, or at the end. */
  readonly change: (end: AbortSignal) => Promise<void>;
}

interface Block {
  isDone: boolean;
  errors: SubgraphError[];
}

/** @param fetch What deferred fragments ask subgraphs with. */
function createFetching(fetch: PlanRun['fetch'], format: RunOptions['format']): Fetching {
  const blocks = new Map<string, Block>();
  let next = Promise.withResolvers<void>();
  const begin: DeferredRun['begin'] = (label, { isReady, run }) => {
    const block: Block = { isDone: false, errors: [] };
    blocks.set(label, block);
    void isReady
      .then(() => run({ errors: block.errors, fetch }))
      .catch((error: unknown) => void block.errors.push(format(error)))
      .then(() => {
        block.isDone = true;
        next.resolve();
        next = Promise.withResolvers();
      });
  };
  return {
    deferred: () => {
      const answers = new Map<string, PromiseWithResolvers<void>>();
      const answer = (id: string): PromiseWithResolvers<void> => {
        let known = answers.get(id);
        if (!known) answers.set(id, (known = Promise.withResolvers()));
        return known;
      };
      return {
        begin,
        answered: (id) => answer(id).resolve(),
        answerOf: (id) => answer(id).promise,
        around: Promise.resolve(),
      };
    },
    // What the planner has no part for came with what is around it.
    isDone: (label) => blocks.get(label)?.isDone ?? true,
    takeErrors: (label) => blocks.get(label)?.errors.splice(0) ?? [],
    change: (end) => {
      if (end.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        end.addEventListener('abort', () => resolve(), { once: true });
        void next.promise.then(resolve);
      });
    },
  };
}
