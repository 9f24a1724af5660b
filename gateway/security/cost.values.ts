import { Kind, type ValueNode } from 'graphql';
import type { Frame } from './cost.expression.ts';

/** An argument's value where it stands in the document, or a reader of it where variables decide; undefined: not given. */
export type Given = { readonly value: unknown } | { readonly read: (frame: Frame) => unknown };

export type VariableDefaults = ReadonlyMap<string, unknown>;

const INTEGER = /^\d{1,400}$/;
/** GraphQL's Int goes no further. */
export const LARGEST_LIST = 2_147_483_647;

/** What a variable is in a request: its own value, else its default; names like `constructor` are names. */
export function variableOf(name: string, { variables }: Frame, defaults: VariableDefaults): unknown {
  const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
  return value === undefined ? defaults.get(name) : value;
}

/** The value at a path into an argument: `input.first`. */
export function given(node: ValueNode | undefined, path: readonly string[], defaults: VariableDefaults): Given {
  if (!node || node.kind === Kind.NULL) return { value: node ? null : undefined };
  if (node.kind === Kind.VARIABLE) {
    return { read: (frame) => valueAt(variableOf(node.name.value, frame, defaults), path) };
  }
  const [head, ...rest] = path;
  if (head !== undefined) {
    const field = node.kind === Kind.OBJECT ? node.fields.find(({ name }) => name.value === head) : undefined;
    return given(field?.value, rest, defaults);
  }
  if (node.kind === Kind.INT || node.kind === Kind.FLOAT) return { value: Number(node.value) };
  if (node.kind === Kind.LIST) return { value: node.values };
  return { value: 'value' in node ? node.value : null };
}

/** The same in a value that is no document's: a variable's, a default's. */
export function valueAt(value: unknown, path: readonly string[]): unknown {
  let inner = value;
  for (const name of path) {
    if (typeof inner !== 'object' || inner === null) return undefined;
    inner = Object.hasOwn(inner, name) ? (inner as Record<string, unknown>)[name] : undefined;
  }
  return inner;
}

/**
 * How many entries a slicing argument asks for: null where it is absent, NaN where it is given and no sensible size. A list
 * (of ids) asks for as many as it has; big integers may come as text.
 */
export function sizeOf(value: unknown): number | null {
  if (value === undefined || value === null) return null;
  if (Array.isArray(value)) return value.length;
  const size = typeof value === 'string' && INTEGER.test(value) ? Number(value) : value;
  if (typeof size !== 'number' || !(size >= 0)) return Number.NaN;
  return Math.min(Math.ceil(size), LARGEST_LIST);
}
