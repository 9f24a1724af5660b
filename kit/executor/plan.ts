import {
  defaultFieldResolver,
  type FieldNode,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isListType,
  isLeafType,
  isAbstractType,
  isNonNullType,
  type SelectionSetNode,
  SchemaMetaFieldDef,
  TypeMetaFieldDef,
  TypeNameMetaFieldDef,
} from 'graphql';
import { argumentsReader, type ReadArguments } from './arguments.ts';
import { collectFields, type CollectOptions } from './collect.ts';
import { completeAbstract, completeLeaf, completeList, completeObject } from './complete.ts';
import type { Execution, Holder, Place } from './place.ts';

/** Answers a value that is not null; throws where it is none of the type. `owner` is the place of the field, `place` that of the value. */
export type Complete = (x: Execution, place: Place, value: unknown, owner: Place) => unknown;
export type CompleteLeaf = (value: unknown) => unknown;

/** A position for a value: a field, or the items of a list. One of `leaf` and `complete` is there. */
export interface Slot {
  readonly isNullable: boolean;
  readonly nodes: readonly FieldNode[];
  readonly leaf: CompleteLeaf | null;
  readonly complete: Complete | null;
  /** What is said where null comes and may not. */
  readonly nullMessage: string;
}

export interface FieldPlan extends Slot {
  readonly responseName: string;
  readonly fieldName: string;
  readonly nodes: FieldNode[];
  readonly parentType: GraphQLObjectType;
  readonly returnType: GraphQLOutputType;
  /** Null where the answer is the parent's property of that name. */
  readonly resolve: GraphQLFieldResolver<unknown, unknown> | null;
  readonly readArguments: ReadArguments;
}

/** What is asked of one object type at one position of the operation. */
export interface SelectionPlan {
  readonly type: GraphQLObjectType;
  readonly fields: readonly FieldPlan[];
  /** A new object with every response name in order, so that objects share one shape and order does not depend on timing. */
  readonly blank: () => Holder;
}

/** Makes the plans of one operation, each when its type is first met. */
export interface Planner {
  readonly rootOf: (type: GraphQLObjectType, selectionSet: SelectionSetNode) => SelectionPlan;
  readonly selectionOf: (type: GraphQLObjectType, nodes: readonly FieldNode[]) => SelectionPlan;
}

export function createPlanner(options: CollectOptions): Planner {
  const planOf = (type: GraphQLObjectType, sets: readonly SelectionSetNode[]): SelectionPlan => {
    const fields: FieldPlan[] = [];
    for (const [responseName, nodes] of collectFields(options, type, sets)) {
      const definition = definitionOf(options.schema, type, nodes[0].name.value);
      if (definition) fields.push(fieldOf(planner, type, responseName, nodes, definition));
    }
    return { type, fields, blank: blankOf(fields) };
  };
  const planner: Planner = {
    rootOf: (type, selectionSet) => planOf(type, [selectionSet]),
    selectionOf: (type, nodes) =>
      planOf(
        type,
        nodes.flatMap((node) => node.selectionSet ?? []),
      ),
  };
  return planner;
}

/** Objects made by copying before a plan is worth a literal of its own, whose code takes some 20 µs to make. */
const COPIES = 200;

/** V8 makes an object fastest from a literal that nobody else uses: copying took a quarter of the time of a list. */
function blankOf(fields: readonly FieldPlan[]): () => Holder {
  const template = Object.fromEntries(fields.map(({ responseName }) => [responseName, null]));
  let literal: (() => Holder) | null = null;
  let copies = 0;
  return () => {
    if (literal) return literal();
    if (++copies > COPIES) literal = literalOf(Object.keys(template));
    return { ...template };
  };
}

const literalOf = (names: readonly string[]): (() => Holder) =>
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- names of GraphQL are names of JavaScript: its lexer lets nothing else in
  new Function(`return { ${names.map((name) => `${name}: null`).join(', ')} };`) as () => Holder;

function definitionOf(
  schema: GraphQLSchema,
  type: GraphQLObjectType,
  name: string,
): GraphQLField<unknown, unknown> | undefined {
  if (type === schema.getQueryType()) {
    if (name === SchemaMetaFieldDef.name) return SchemaMetaFieldDef;
    if (name === TypeMetaFieldDef.name) return TypeMetaFieldDef;
  }
  return name === TypeNameMetaFieldDef.name ? TypeNameMetaFieldDef : type.getFields()[name];
}

function fieldOf(
  planner: Planner,
  parentType: GraphQLObjectType,
  responseName: string,
  nodes: [FieldNode, ...FieldNode[]],
  definition: GraphQLField<unknown, unknown>,
): FieldPlan {
  const nullMessage = `Cannot return null for non-nullable field ${parentType.name}.${definition.name}.`;
  const isDefault = definition.resolve === undefined || definition.resolve === defaultFieldResolver;
  // An argument may be missing or wrong, which is an error even where nobody reads it.
  const isProperty = isDefault && definition.args.length === 0;
  return {
    ...slotOf(planner, definition.type, nodes, nullMessage, `${parentType.name}.${definition.name}`),
    nodes,
    responseName,
    fieldName: definition.name,
    parentType,
    returnType: definition.type,
    resolve: isProperty ? null : (definition.resolve ?? defaultFieldResolver),
    readArguments: argumentsReader(definition, nodes[0]),
  };
}

function slotOf(
  planner: Planner,
  declared: GraphQLOutputType,
  nodes: readonly FieldNode[],
  nullMessage: string,
  coordinate: string,
): Slot {
  const isNullable = !isNonNullType(declared);
  const type = isNonNullType(declared) ? declared.ofType : declared;
  const slot = { isNullable, nodes, nullMessage };
  if (isLeafType(type)) return { ...slot, leaf: completeLeaf(type), complete: null };
  if (isListType(type)) {
    const item = slotOf(planner, type.ofType as GraphQLOutputType, nodes, nullMessage, coordinate);
    return { ...slot, leaf: null, complete: completeList(item, coordinate) };
  }
  const complete = isAbstractType(type)
    ? completeAbstract(planner, type, nodes, coordinate)
    : completeObject(planner, type as GraphQLObjectType, nodes);
  return { ...slot, leaf: null, complete };
}
