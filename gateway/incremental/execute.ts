import type { Caching } from '../cache/caching.ts';
import type { RequestContext } from '../execution/context.ts';
import type { FetchFromSubgraph } from '../execution/fetch.ts';
import { requests, requestSeconds } from '../metrics.ts';
import type { Answer, Ready } from '../answer.ts';
import type { Plugins } from '../plugins.ts';
import type { OperationInParts } from './in-parts.ts';
import { runInParts, type AnswerInParts } from './run.ts';

/** How an answer in parts is asked for. */
export interface PartsRequest {
  /** Aborted once the client has gone. */
  readonly signal: AbortSignal;
  /** Tells also of fragments that bring nothing new. */
  readonly tellsEmpty: boolean;
}

/** Runs a query or mutation with deferred fragments; null where it has to be answered whole. Never rejects. */
export type ExecuteInParts = (
  ready: Ready,
  context: RequestContext,
  request: PartsRequest,
) => Promise<AnswerInParts | null>;

export interface ExecutePartsOptions {
  readonly fetchFromSubgraph: FetchFromSubgraph;
  readonly plugins: Pick<Plugins, 'response'>;
  readonly caching: Pick<Caching, 'answer'> | null | undefined;
  readonly timeoutSeconds: number;
  /** The answer to what has failed on our side. */
  readonly failed: (error: unknown) => Answer;
}

/**
 * Nothing of a query in parts is read from or put into the cache of answers. Plugins are given the first part; the metrics
 * count one request, which ends with its last part.
 */
export function createExecuteInParts(options: ExecutePartsOptions): ExecuteInParts {
  const { failed } = options;
  return async (ready, context, request) => {
    const { operation, variables } = ready;
    const startedAt = performance.now();
    try {
      const inParts = await operation.inParts?.(variables.values);
      if (!inParts) return null;
      const begun = await begin(options, inParts, ready, { context, request, startedAt }).catch(
        (error: unknown): AnswerInParts => ({ ...NOTHING_LEFT, first: failed(error) }),
      );
      return counted(begun, operation.node.operation, startedAt);
    } catch (error) {
      // Nothing has run: it is answered whole. What has no code is noted.
      failed(error);
      return null;
    }
  };
}

const NOTHING_LEFT = {
  begun: { pending: [], hasNext: false },
  labelOf: () => null,
  rest: () => Promise.resolve(),
} as const;

interface Asked {
  readonly context: RequestContext;
  readonly request: PartsRequest;
  readonly startedAt: number;
}

async function begin(
  { fetchFromSubgraph, plugins, caching, timeoutSeconds, failed }: ExecutePartsOptions,
  inParts: OperationInParts,
  ready: Ready,
  { context, request, startedAt }: Asked,
): Promise<AnswerInParts> {
  const { operation } = ready;
  const format = (error: unknown) => failed(error).errors?.[0] ?? UNKNOWN;
  const run = { ...request, context, fetchFromSubgraph, timeoutMilliseconds: timeoutSeconds * 1000, format };
  let begun: AnswerInParts | undefined;
  const runFirst = async (): Promise<Answer> => {
    begun = await runInParts(inParts, ready, run);
    return begun.first;
  };
  // What has written is told to the cache, as where it is answered whole.
  const hasWritten = operation.node.operation === 'mutation' && caching;
  let first = hasWritten ? await hasWritten.answer(ready, context, runFirst) : await runFirst();
  if (plugins.response) first = await plugins.response(operation, first, context, performance.now() - startedAt);
  return begun ? { ...begun, first } : { ...NOTHING_LEFT, first };
}

const UNKNOWN = { message: 'This part of the answer has failed.', extensions: { code: 'INTERNAL_SERVER_ERROR' } };

/** One request, with errors if any of its parts has some. */
function counted(answer: AnswerInParts, operation: string, startedAt: number): AnswerInParts {
  let hasErrors = answer.first.errors !== undefined;
  const count = (): void => {
    requests.inc(operation, hasErrors ? 'errors' : 'success');
    requestSeconds.observe(operation, (performance.now() - startedAt) / 1000);
  };
  if (!answer.begun.hasNext) {
    count();
    return answer;
  }
  const rest: AnswerInParts['rest'] = (send) =>
    answer
      .rest((delivered) => {
        const { patches, completed } = delivered;
        hasErrors ||= [...patches, ...completed].some(({ errors }) => errors.length > 0);
        return send(delivered);
      })
      .finally(count);
  return { ...answer, rest };
}
