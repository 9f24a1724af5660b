import {
  getNamedType,
  isAbstractType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLOutputType,
  type SelectionSetNode,
} from 'graphql';
import { collectFields, type RuntimeType, type Selections } from './collect.ts';
import { generate } from './generate.ts';
import { leafOtherwise, leafTest } from './leaf.ts';

/** What shaping notes beside its result. */
export interface Shaping {
  /** Answers to `__schema` and `__type`, by response name. */
  readonly introspected: Readonly<Record<string, unknown>>;
  /** A subgraph's value was none of its type; it became null. */
  isInvalid: boolean;
  /** Where, once shaped with `isTracking`. */
  readonly path: (string | number)[];
  /** The first of them. */
  readonly invalidPaths: (string | number)[][];
}

/** A value as the client gets it; null where there is none, BUBBLE where the null belongs to its parent. */
export type Complete = (value: unknown, shaping: Shaping) => unknown;

/** What a Non-Null type without a value gives: the nearest nullable parent becomes null. */
export const BUBBLE = undefined;

export interface ShapeOptions extends Selections {
  /** Keeps `path`, which costs a little: done only once something was found to be invalid. */
  readonly isTracking: boolean;
  /** The name under which a field's value is found in the data: another one than the client's where that would be in the way. */
  readonly inData: (field: FieldNode) => string;
  /** Null for this viewer, whatever was fetched: the planner may have fetched them for itself. */
  readonly refusedFields: ReadonlySet<FieldNode>;
}

/**
 * Compiles the response of a selection set (6.4 of the specification): the fields a client asked for, in its order, from
 * what subgraphs have answered, each value checked against its type and nulls where they belong. Every runtime type has
 * code of its own that builds the result as one literal.
 */
export function compileShape(
  options: ShapeOptions,
  type: GraphQLCompositeType,
  sets: readonly SelectionSetNode[],
): (data: unknown, shaping: Shaping) => Record<string, unknown> | null {
  const complete = completeComposite(options, type, sets);
  return (data, shaping) => (complete(data ?? {}, shaping) ?? null) as Record<string, unknown> | null;
}

export function completeValue(options: ShapeOptions, type: GraphQLOutputType, nodes: readonly FieldNode[]): Complete {
  if (isNonNullType(type)) {
    const inner = completeValue(options, type.ofType, nodes);
    return (value, shaping) => inner(value, shaping) ?? BUBBLE;
  }
  if (isListType(type)) return completeList(completeValue(options, type.ofType, nodes), options.isTracking);
  if (isLeafType(type)) return compileLeaf(type);
  const sets = nodes.flatMap(({ selectionSet }) => (selectionSet ? [selectionSet] : []));
  const composite = completeComposite(options, type, sets);
  return (value, shaping) => (value == null ? null : (composite(value, shaping) ?? null));
}

/** Nobody reads more, and a list may have any number of them. */
const MAX_INVALID_PATHS = 100;

export function note(shaping: Shaping): null {
  shaping.isInvalid = true;
  if (shaping.invalidPaths.length < MAX_INVALID_PATHS) shaping.invalidPaths.push([...shaping.path]);
  return null;
}

function completeList(item: Complete, isTracking: boolean): Complete {
  return (value, shaping) => {
    if (value == null) return null;
    if (!Array.isArray(value)) return note(shaping);
    const list: unknown[] = new Array(value.length);
    for (let index = 0; index < value.length; index++) {
      if (isTracking) shaping.path.push(index);
      const one = item(value[index], shaping);
      if (isTracking) shaping.path.pop();
      if (one === BUBBLE) return null;
      list[index] = one;
    }
    return list;
  };
}

/** Completes an object, or BUBBLE where one of its Non-Null fields is null. */
function completeComposite(
  options: ShapeOptions,
  type: GraphQLCompositeType,
  sets: readonly SelectionSetNode[],
): Complete {
  const isObject = (value: unknown): value is Record<string, unknown> =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  if (isObjectType(type)) {
    const complete = compileObject(options, type, sets);
    return (value, shaping) => (isObject(value) ? complete(value, shaping) : note(shaping));
  }
  const completers = new Map<unknown, Complete | null>();
  return (value, shaping) => {
    if (!isObject(value)) return note(shaping);
    const name = value['__typename'];
    let complete = completers.get(name);
    if (complete === undefined) {
      const runtimeType = runtimeTypeOf(options, type, name);
      complete = runtimeType ? compileObject(options, runtimeType, sets) : null;
      // A subgraph may make up any number of names; only types are remembered.
      if (complete) completers.set(name, complete);
    }
    return complete ? complete(value, shaping) : note(shaping);
  };
}

/** The type a `__typename` names, where a value of the abstract type may have it. An interface stands for itself where a subgraph knows it as an object only. */
export function runtimeTypeOf({ schema }: ShapeOptions, type: GraphQLCompositeType, name: unknown): RuntimeType | null {
  if (name === undefined || name === null) return isInterfaceType(type) ? type : null;
  const found = typeof name === 'string' ? schema.getType(name) : undefined;
  if (!isObjectType(found) && !isInterfaceType(found)) return null;
  return found === type || (isAbstractType(type) && schema.isSubType(type, found)) ? found : null;
}

const compileLeaf = (type: Parameters<typeof leafTest>[0]): Complete => {
  const test = leafTest(type, 'v', 'names');
  if (test === null) return (value) => value ?? null;
  const names = 'getValues' in type ? new Set(type.getValues().map(({ name }) => name)) : null;
  const code = `return (v, s) => (${test}) ? v : ${leafOtherwise(type, 'v')};`;
  return generate<Complete>(['names', 'note'], [names, note], code);
};

/**
 * Writes the function that completes one object type's fields. Text of a client enters it only as string literals made by
 * JSON.stringify.
 */
function compileObject(options: ShapeOptions, type: RuntimeType, sets: readonly SelectionSetNode[]): Complete {
  const captured: unknown[] = [];
  const capture = (value: unknown): string => `c[${captured.push(value) - 1}]`;
  const statements: string[] = [];
  const members: string[] = [];
  for (const [name, nodes] of collectFields(options, type, sets)) {
    const key = JSON.stringify(name);
    const variable = `v${members.length}`;
    members.push(`[${key}]: ${variable}`);
    const field = nodes[0]?.name.value ?? '';
    const read = nodes[0] ? `o[${JSON.stringify(options.inData(nodes[0]))}]` : '';
    if (field === '__schema' || field === '__type') {
      statements.push(`const ${variable} = s.introspected[${key}] ?? null;`);
    } else if (field === '__typename') {
      if (!isObjectType(type)) return () => BUBBLE;
      statements.push(`const ${variable} = ${JSON.stringify(type.name)};`);
    } else {
      const fieldType = type.getFields()[field]?.type;
      if (nodes.every((node) => options.refusedFields.has(node))) {
        statements.push(isNonNullType(fieldType) ? 'return undefined;' : `const ${variable} = null;`);
        continue;
      }
      if (!fieldType) throw new Error(`${type.name} has no field ${field}`);
      statements.push(...fieldStatements({ options, fieldType, nodes, key, variable, read, capture }));
    }
  }
  const code = `return (o, s) => { ${statements.join('\n')} return { ${members.join(', ')} }; };`;
  return generate<Complete>(['c', 'note'], [captured, note], code);
}

interface FieldCode {
  readonly options: ShapeOptions;
  readonly fieldType: GraphQLOutputType;
  readonly nodes: readonly FieldNode[];
  readonly key: string;
  readonly variable: string;
  readonly read: string;
  readonly capture: (value: unknown) => string;
}

function fieldStatements({ options, fieldType, nodes, key, variable, read, capture }: FieldCode): string[] {
  const isRequired = isNonNullType(fieldType);
  const nullable = isRequired ? fieldType.ofType : fieldType;
  const bubble = isRequired ? `if (${variable} === null) return undefined;` : '';
  const [enter, leave] = options.isTracking ? [`s.path.push(${key});`, 's.path.pop();'] : ['', ''];
  if (!isLeafType(nullable)) {
    const complete = capture(completeValue(options, nullable, nodes));
    return [`${enter} const ${variable} = ${complete}(${read}, s); ${leave}`, bubble];
  }
  const named = getNamedType(nullable);
  const names = 'getValues' in named ? capture(new Set(named.getValues().map(({ name }) => name))) : '';
  const test = leafTest(nullable, variable, names);
  if (test === null) return [`let ${variable} = ${read}; if (${variable} === undefined) ${variable} = null;`, bubble];
  const otherwise = `${variable} = ${leafOtherwise(nullable, variable)};`;
  return [`let ${variable} = ${read}; ${enter} if (!(${test})) ${otherwise} ${leave}`, bubble];
}
