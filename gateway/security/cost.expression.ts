/** What a request brings to a compiled cost. */
export interface Frame {
  readonly variables: Readonly<Record<string, unknown>>;
  /** Values of shared expressions, by slot, once they are known. */
  readonly shared: (number | undefined)[];
}

/** A cost that is known, or is once the variables are. */
export type Expression = number | ((frame: Frame) => number);

/** Costs end here: no sum or product of them is ever infinite, or no number. */
export const MAX_COST = Number.MAX_SAFE_INTEGER;

const saturated = (cost: number): number => Math.max(-MAX_COST, Math.min(cost, MAX_COST));

export const evaluate = (expression: Expression, frame: Frame): number =>
  typeof expression === 'number' ? expression : expression(frame);

export function sum(parts: readonly Expression[]): Expression {
  let known = 0;
  const unknown: ((frame: Frame) => number)[] = [];
  for (const part of parts) {
    if (typeof part === 'number') known = saturated(known + part);
    else unknown.push(part);
  }
  if (unknown.length === 0) return known;
  const [first] = unknown;
  if (first && unknown.length === 1) return known === 0 ? first : (frame) => saturated(known + first(frame));
  return (frame) => {
    let total = known;
    for (const part of unknown) total += part(frame);
    return saturated(total);
  };
}

export function product(count: Expression, each: Expression): Expression {
  if (each === 0 || count === 1) return each;
  if (typeof count === 'number' && typeof each === 'number') return saturated(count * each);
  return (frame) => saturated(evaluate(count, frame) * evaluate(each, frame));
}

/** The largest, and no less than nothing. */
export function greatest(parts: readonly Expression[]): Expression {
  const known = parts.reduce<number>((most, part) => (typeof part === 'number' ? Math.max(most, part) : most), 0);
  const unknown = parts.filter((part) => typeof part !== 'number');
  if (unknown.length === 0) return known;
  return (frame) => unknown.reduce((most, part) => Math.max(most, part(frame)), known);
}

/** The same expression for several places, evaluated once a request. */
export function createSharing(): (expression: Expression) => Expression {
  let slots = 0;
  return (expression) => {
    if (typeof expression === 'number') return expression;
    const slot = slots++;
    return (frame) => (frame.shared[slot] ??= expression(frame));
  };
}
