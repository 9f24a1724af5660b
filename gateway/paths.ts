/** Path templates: `/things/:id`, each place one whole segment. */
export interface PathMatch<Value> {
  readonly value: Value;
  readonly parameters: Readonly<Record<string, string>>;
}

interface Template<Value> {
  readonly segments: readonly string[];
  readonly value: Value;
}

/** Whether a path has places. */
export const isTemplate = (path: string): boolean => path.includes('/:');

/** The names of a template's places, in their order. */
export const placesOf = (path: string): readonly string[] =>
  path
    .split('/')
    .filter((segment) => segment.startsWith(':'))
    .map((segment) => segment.slice(1));

/** Finds the template that a path fits, of several the one with the more literal beginning. A segment that is empty, or no valid percent-encoding, fits none. */
export function createPathMatcher<Value>(
  entries: readonly (readonly [path: string, value: Value])[],
): (path: string) => PathMatch<Value> | undefined {
  const templates = entries
    .map(([path, value]): Template<Value> => ({ segments: path.split('/'), value }))
    .sort((one, other) => (rankOf(one) < rankOf(other) ? -1 : 1));
  return (path) => {
    const segments = path.split('/');
    for (const { segments: wanted, value } of templates) {
      const parameters = parametersOf(wanted, segments);
      if (parameters) return { value, parameters };
    }
    return undefined;
  };
}

/** Literal segments come before places. */
const rankOf = ({ segments }: Template<unknown>): string =>
  segments.map((segment) => (segment.startsWith(':') ? '1' : '0')).join('');

function parametersOf(wanted: readonly string[], given: readonly string[]): Record<string, string> | null {
  if (wanted.length !== given.length) return null;
  const parameters: Record<string, string> = {};
  for (const [index, segment] of wanted.entries()) {
    const there = given[index] ?? '';
    if (!segment.startsWith(':')) {
      if (segment !== there) return null;
      continue;
    }
    const value = decoded(there);
    if (!value) return null;
    parameters[segment.slice(1)] = value;
  }
  return parameters;
}

function decoded(segment: string): string | null {
  try {
    return decodeURIComponent(segment);
  } catch {
    return null;
  }
}
