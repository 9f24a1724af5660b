import { Kind, type ValueNode } from 'graphql';
import type { Frame } from './cost.expression.ts';

/** An argument's value where it stands in the document, or a reader of it where variables decide; undefined: not given. */
export type Given = { readonly value: unknown } | { readonly read: (frame: Frame) => unknown };

export type VariableDefaults = ReadonlyMap<string, unknown>;

/** A field on a path into an input object, and what it is where it is absent. */
export interface Step {
  readonly name: string;
  readonly byDefault: unknown;
}

const INTEGER = /^\d{1,400}$/;
/** GraphQL's Int goes no further. */
export const LARGEST_LIST = 2_147_483_647;

/** What a variable is in a request: its own value, else its default; names like `constructor` are names. */
export function variableOf(name: string, { variables }: Frame, defaults: VariableDefaults): unknown {
  const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
  return value === undefined ? defaults.get(name) : value;
}

const orDefault = (value: unknown, byDefault: unknown): unknown => (value === undefined ? byDefault : value);

/** The value at a path into an argument: `input.first`; null where something on the way is. */
export function given(
  node: ValueNode | undefined,
  path: readonly Step[],
  defaults: VariableDefaults,
  byDefault?: unknown,
): Given {
  if (!node) return { value: valueAt(byDefault, path) };
  if (node.kind === Kind.NULL) return { value: null };
  if (node.kind === Kind.VARIABLE) {
    return { read: (frame) => valueAt(orDefault(variableOf(node.name.value, frame, defaults), byDefault), path) };
  }
  const [head, ...rest] = path;
  if (head) {
    const field = node.kind === Kind.OBJECT ? node.fields.find(({ name }) => name.value === head.name) : undefined;
    return given(field?.value, rest, defaults, head.byDefault);
  }
  if (node.kind === Kind.INT || node.kind === Kind.FLOAT) return { value: Number(node.value) };
  if (node.kind === Kind.LIST) return { value: node.values };
  return { value: 'value' in node ? node.value : null };
}

/** The same in a value that is no document's: a variable's, a default's. */
export function valueAt(value: unknown, path: readonly Step[]): unknown {
  let inner = value;
  for (const { name, byDefault } of path) {
    if (inner === null) return null;
    if (typeof inner !== 'object') return undefined;
    inner = orDefault(Object.hasOwn(inner, name) ? (inner as Record<string, unknown>)[name] : undefined, byDefault);
  }
  return inner;
}

/**
 * How many entries a slicing argument asks for, `otherwise` where that is no sensible size. A list (of ids) asks for as
 * many as it has; big integers may come as text.
 */
export function sizeOf(value: unknown, otherwise: number): number {
  if (Array.isArray(value)) return value.length;
  const size = typeof value === 'string' && INTEGER.test(value) ? Number(value) : value;
  if (typeof size !== 'number' || !(size >= 0)) return otherwise;
  return Math.min(Math.ceil(size), LARGEST_LIST);
}
