import {
  executeSync,
  Kind,
  type DocumentNode,
  type FieldNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import type { SubgraphError } from 'kit/request';
import { collectFields, fragmentsOf, type Selections } from './collect.ts';
import { compileShape, type ShapeOptions, type Shaping } from './shape.ts';

export interface Shaped {
  readonly data: Record<string, unknown> | null;
  /** Values that subgraphs have answered and that are none of their types. */
  readonly errors: readonly SubgraphError[];
}

/** Makes a client's answer out of what subgraphs have answered. */
export type Shaper = (data: Record<string, unknown>, run: ShapeRun) => Shaped;

export interface ShapeRun {
  /** Values of the variables that stand in @skip and @include. */
  readonly conditions: Readonly<Record<string, boolean>>;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** Assignments of an operation's conditions that are kept compiled. */
const KEPT_VARIANTS = 16;

/** Compiles the shaping of one operation: once for each assignment of its conditions that comes up. */
export function createShaper(schema: GraphQLSchema, shaped: ShapedOperation): Shaper {
  const { document, operation, inData, refusedFields } = shaped;
  const fragments = fragmentsOf(document);
  const type = schema.getRootType(operation.operation);
  if (!type) throw new Error(`the schema has no ${operation.operation}`);
  const variants = new LRUCache<string, Shaper>({ max: KEPT_VARIANTS });
  return (data, run) => {
    const key = JSON.stringify(Object.values(run.conditions));
    let shape = variants.get(key);
    if (!shape) {
      shape = createVariant({ schema, fragments, inData, refusedFields, conditions: run.conditions }, type, operation);
      variants.set(key, shape);
    }
    return shape(data, run);
  };
}

const NOTHING = {};

type Selecting = Selections & Pick<ShapeOptions, 'inData' | 'refusedFields'>;

export interface ShapedOperation extends Pick<ShapeOptions, 'inData' | 'refusedFields'> {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
}

function createVariant(selections: Selecting, type: GraphQLObjectType, operation: OperationDefinitionNode): Shaper {
  const sets = [operation.selectionSet];
  const shape = compileShape({ ...selections, isTracking: false }, type, sets);
  const introspect = createIntrospection(selections, type, operation);
  return (data, { variables }) => {
    const introspected = introspect?.(variables) ?? NOTHING;
    const shaping: Shaping = { introspected, isInvalid: false, path: [], invalidPaths: [] };
    const shaped = shape(data, shaping);
    if (!shaping.isInvalid) return { data: shaped, errors: [] };
    const tracking: Shaping = { introspected, isInvalid: false, path: [], invalidPaths: [] };
    compileShape({ ...selections, isTracking: true }, type, sets)(data, tracking);
    return { data: shaped, errors: tracking.invalidPaths.map(invalidValue) };
  };
}

export const invalidValue = (path: readonly (string | number)[]): SubgraphError => ({
  message: 'What was answered here is no value of this field.',
  path,
  extensions: { code: 'SUBGRAPH_INVALID_VALUE' },
});

export type Introspect = (variables: Readonly<Record<string, unknown>>) => Record<string, unknown>;

/** Answers `__schema` and `__type`, which no subgraph is asked for; null where an operation has neither. */
export function createIntrospection(
  selections: Selections,
  type: GraphQLObjectType,
  operation: OperationDefinitionNode,
): Introspect | null {
  const fields: FieldNode[] = [];
  for (const nodes of collectFields(selections, type, [operation.selectionSet]).values()) {
    if (nodes[0]?.name.value === '__schema' || nodes[0]?.name.value === '__type') fields.push(...nodes);
  }
  if (fields.length === 0) return null;
  const { schema, fragments } = selections;
  const document: DocumentNode = {
    kind: Kind.DOCUMENT,
    definitions: [
      { ...operation, selectionSet: { kind: Kind.SELECTION_SET, selections: fields } },
      ...fragments.values(),
    ],
  };
  const ask: Introspect = (variableValues) => executeSync({ schema, document, variableValues }).data ?? {};
  if ((operation.variableDefinitions ?? []).length > 0) return ask;
  let known: Record<string, unknown> | undefined;
  return () => (known ??= ask(NOTHING));
}
