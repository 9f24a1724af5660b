import type {
  FragmentDefinitionNode,
  GraphQLError,
  GraphQLResolveInfo,
  GraphQLSchema,
  OperationDefinitionNode,
} from 'graphql';
import type { Path } from 'graphql/jsutils/Path.js';
import type { FieldPlan } from './plan.ts';

export type Holder = Record<string | number, unknown>;

/** One run of an operation, and what it has come to so far. */
export interface Execution {
  readonly schema: GraphQLSchema;
  readonly fragments: Record<string, FragmentDefinitionNode>;
  readonly operation: OperationDefinitionNode;
  readonly rootValue: unknown;
  readonly context: unknown;
  readonly variables: Record<string, unknown>;
  readonly errors: GraphQLError[];
  isRootNulled: boolean;
  /** What the value completed last still waits for. Whoever asked for that value takes it from here. */
  started: Group | null;
}

/** Where a value goes in the answer. Made only where something may have to find its way back: objects, lists, resolvers, errors. */
export interface Place {
  readonly prev: Place | undefined;
  readonly key: string | number;
  /** The field that is answered here; undefined for an item of a list. */
  readonly field: FieldPlan | undefined;
  readonly isNullable: boolean;
  readonly holder: Holder;
  /** An error has made null of it: errors from inside are nobody's any more. */
  isNulled: boolean;
  path: Path | undefined;
  info: GraphQLResolveInfo | undefined;
}

/** An object or a list, filled in place, with values in it that are still awaited. */
export interface Group {
  /** Where the object or list itself is; undefined for the operation's root. */
  readonly place: Place | undefined;
  parent: Group | null;
  remaining: number;
  isOver: boolean;
  /** A failure that is told once everything else inside has ended. */
  thrown: GraphQLError | null;
  /** Microtasks from a failure inside to the failure of the whole. */
  ticks: number;
  onDone: (() => void) | null;
  onFail: ((error: GraphQLError) => void) | null;
}

export const placeOf = (
  prev: Place | undefined,
  key: string | number,
  field: FieldPlan | undefined,
  isNullable: boolean,
  holder: Holder,
): Place => ({ prev, key, field, isNullable, holder, isNulled: false, path: undefined, info: undefined });

/** The path as resolvers get it. */
function pathOf(place: Place): Path {
  return (place.path ??= {
    prev: place.prev && pathOf(place.prev),
    key: place.key,
    typename: place.field?.parentType.name,
  });
}

export function keysTo(place: Place | undefined): (string | number)[] {
  const keys: (string | number)[] = [];
  for (let one = place; one; one = one.prev) keys.push(one.key);
  return keys.reverse();
}

/** What graphql-js tells a resolver about the field that it answers; one object for all questions about one field. */
export function infoOf(x: Execution, place: Place): GraphQLResolveInfo {
  if (place.info) return place.info;
  const { field } = place;
  if (!field) throw new Error('only fields are resolved');
  return (place.info = {
    fieldName: field.fieldName,
    fieldNodes: field.nodes,
    returnType: field.returnType,
    parentType: field.parentType,
    path: pathOf(place),
    schema: x.schema,
    fragments: x.fragments,
    rootValue: x.rootValue,
    operation: x.operation,
    variableValues: x.variables,
  });
}

/** Notes an error and that its place is null now, unless something around it is null already. */
export function addError(x: Execution, place: Place | undefined, error: GraphQLError): void {
  if (x.isRootNulled) return;
  for (let one = place; one; one = one.prev) if (one.isNulled) return;
  if (place) place.isNulled = true;
  else x.isRootNulled = true;
  x.errors.push(error);
}
