import type { SubgraphError, SubgraphRequest, SubgraphResponse } from 'kit/request';

/** Events of one answer that are heeded: more than any mutation emits. */
const MAX_EMITTED = 1000;

/**
 * A subgraph's answer as the rest of the gateway may take it: data is an object, errors are errors, events are events. What is
 * wrong about one error costs that error its place, not the answer its data. Null where it is no answer at all: data of
 * another kind, or none and nothing that says why.
 */
export function soundAnswer(answer: SubgraphResponse, live: SubgraphRequest['live']): SubgraphResponse | null {
  const { data, extensions } = answer;
  const errors = answer.errors && errorsOf(answer.errors);
  if (data === null || data === undefined) {
    // A live question may be answered by nothing, or by its topic alone.
    if (!errors && live === undefined) return null;
  } else if (!isObject(data)) return null;
  if (!answer.errors && !extensions?.emitted) return answer;
  const { errors: _, ...rest } = answer;
  return {
    ...rest,
    ...(errors ? { errors } : {}),
    ...(extensions?.emitted ? { extensions: { ...extensions, emitted: emittedOf(extensions.emitted) } } : {}),
  };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Undefined where there are none. */
function errorsOf(given: unknown): readonly SubgraphError[] | undefined {
  const errors: readonly unknown[] = Array.isArray(given) ? given : [given];
  return errors.length > 0 ? errors.map(errorOf) : undefined;
}

function errorOf(given: unknown): SubgraphError {
  if (!isObject(given)) return { message: 'The subgraph has given an error that is none.' };
  const { message, path, extensions } = given;
  return {
    message: typeof message === 'string' ? message : '',
    ...(isPath(path) ? { path } : {}),
    ...(isObject(extensions) ? { extensions } : {}),
  };
}

const isPath = (value: unknown): value is (string | number)[] =>
  Array.isArray(value) && value.every((part) => typeof part === 'string' || typeof part === 'number');

function emittedOf(given: unknown): { id: string; type: string }[] {
  const events: readonly unknown[] = Array.isArray(given) ? given.slice(0, MAX_EMITTED) : [];
  return events.flatMap((event) => {
    if (!isObject(event)) return [];
    const { id, type } = event;
    return typeof id === 'string' && typeof type === 'string' ? [{ id, type }] : [];
  });
}
