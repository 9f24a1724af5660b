import {
  isAbstractType,
  isInterfaceType,
  isObjectType,
  Kind,
  parse,
  type FieldNode,
  type GraphQLNamedType,
  type SelectionSetNode,
  type VariableDefinitionNode,
} from 'graphql';
import { appliedTo, argumentOf } from '../graph/composed.ts';
import type { Graph } from '../graph/graph.ts';
import type { Operation } from '../operation/operation.ts';
import { documentOf, primaryOf, TYPENAME, type Asked } from './primary.ts';

/** How the owner of a subscription's root field is asked for the entity that an event is about. */
export interface EntityAsk {
  readonly whole: Asked;
  /** With nothing selected. */
  readonly bare: Asked;
  /** The key in an event; null where the event holds none. */
  readonly representationOf: (payload: Readonly<Record<string, unknown>>) => Record<string, unknown> | null;
}

const known = new WeakMap<Operation, EntityAsk | null>();

/** Null where the owner has no entity to ask for: the field's type is none there. */
export function entityAskOf(operation: Operation): EntityAsk | null {
  let ask = known.get(operation);
  if (ask === undefined) known.set(operation, (ask = compile(operation)));
  return ask;
}

function compile(operation: Operation): EntityAsk | null {
  const primary = primaryOf(operation);
  const { graph } = operation;
  const { type, field, service } = primary;
  if (!field.selectionSet || !(isObjectType(type) || isAbstractType(type))) return null;
  const keys = keysByType(graph, type, service);
  if (keys.size === 0) return null;
  const askFor = (selectionSet: SelectionSetNode): Asked =>
    documentOf(primary, 'query', entitiesOf(type.name, selectionSet), [REPRESENTATIONS]);
  return {
    whole: askFor(field.selectionSet),
    bare: askFor({ kind: Kind.SELECTION_SET, selections: [TYPENAME] }),
    representationOf: (payload) => {
      const typeName = typeof payload['__typename'] === 'string' ? payload['__typename'] : type.name;
      for (const key of keys.get(typeName) ?? []) {
        if (!key.every((name) => payload[name] !== undefined && payload[name] !== null)) continue;
        return { __typename: typeName, ...Object.fromEntries(key.map((name) => [name, payload[name]])) };
      }
      return null;
    },
  };
}

type Key = readonly string[];

/** The resolvable keys a subgraph has for a type, or for each of the types an abstract one may be: their outermost fields. */
function keysByType({ supergraphSchema }: Graph, type: GraphQLNamedType, service: string): Map<string, Key[]> {
  const keys = new Map<string, Key[]>();
  const types = isAbstractType(type) ? [type, ...supergraphSchema.getPossibleTypes(type)] : [type];
  const graphName = graphNameOf(supergraphSchema, service);
  for (const each of types) {
    if (!isObjectType(each) && !isInterfaceType(each)) continue;
    const found = appliedTo(each, 'join__type').flatMap((directive) => {
      const key = argumentOf(directive, 'key');
      const resolvable = argumentOf(directive, 'resolvable');
      const graph = argumentOf(directive, 'graph');
      const isHere = graph?.kind === Kind.ENUM && graph.value === graphName;
      const isResolvable = !(resolvable?.kind === Kind.BOOLEAN && !resolvable.value);
      return isHere && isResolvable && key?.kind === Kind.STRING ? [outermostOf(key.value)] : [];
    });
    if (found.length > 0) keys.set(each.name, found);
  }
  return keys;
}

function outermostOf(key: string): Key {
  const [definition] = parse(`{ ${key} }`, { noLocation: true }).definitions;
  if (definition?.kind !== Kind.OPERATION_DEFINITION) return [];
  return definition.selectionSet.selections.flatMap((each) => (each.kind === Kind.FIELD ? [each.name.value] : []));
}

/** What the supergraph calls a subgraph inside. */
function graphNameOf(schema: Graph['supergraphSchema'], service: string): string | undefined {
  const graphs = schema.getType('join__Graph');
  if (!graphs || !('getValues' in graphs)) return undefined;
  return graphs.getValues().find((value) =>
    appliedTo(value, 'join__graph').some((directive) => {
      const name = argumentOf(directive, 'name');
      return name?.kind === Kind.STRING && name.value === service;
    }),
  )?.name;
}

const nameNode = (value: string) => ({ kind: Kind.NAME, value }) as const;
const REPRESENTATION_VARIABLE = { kind: Kind.VARIABLE, name: nameNode('representations') } as const;

const REPRESENTATIONS: VariableDefinitionNode = {
  kind: Kind.VARIABLE_DEFINITION,
  variable: REPRESENTATION_VARIABLE,
  type: {
    kind: Kind.NON_NULL_TYPE,
    type: {
      kind: Kind.LIST_TYPE,
      type: { kind: Kind.NON_NULL_TYPE, type: { kind: Kind.NAMED_TYPE, name: nameNode('_Any') } },
    },
  },
};

function entitiesOf(typeName: string, selectionSet: SelectionSetNode): SelectionSetNode {
  const field: FieldNode = {
    kind: Kind.FIELD,
    name: nameNode('_entities'),
    arguments: [{ kind: Kind.ARGUMENT, name: nameNode('representations'), value: REPRESENTATION_VARIABLE }],
    selectionSet: {
      kind: Kind.SELECTION_SET,
      selections: [
        {
          kind: Kind.INLINE_FRAGMENT,
          typeCondition: { kind: Kind.NAMED_TYPE, name: nameNode(typeName) },
          selectionSet,
        },
      ],
    },
  };
  return { kind: Kind.SELECTION_SET, selections: [field] };
}
