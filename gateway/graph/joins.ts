import {
  isInterfaceType,
  isObjectType,
  Kind,
  parse,
  type ConstDirectiveNode,
  type GraphQLSchema,
  type SelectionSetNode,
} from 'graphql';
import { appliedTo, argumentOf, text } from './composed.ts';

/** What subgraphs say of their types, by the names they have as services. */
export interface Joins {
  /** Keys by which a subgraph looks a type up. Where it resolves none, those that it has. */
  readonly keysOf: (service: string, type: string) => readonly SelectionSetNode[];
  /** What a field of a subgraph requires of others; null where that is nothing. */
  readonly requirementOf: (service: string, type: string, field: string) => SelectionSetNode | null;
  /** Of types by which every subgraph that knows them has a key of one plain field: that field, which none needs to ask another for. */
  readonly plainKeys: ReadonlyMap<string, string>;
  /** Interfaces that some subgraph knows as objects only. */
  readonly interfaceObjects: ReadonlySet<string>;
  /** Labels of progressive overrides, with the names of the fields that move by them. */
  readonly overrides: ReadonlyMap<string, ReadonlySet<string>>;
}

const read = new WeakMap<GraphQLSchema, Joins>();

/** What the join directives of a supergraph say; of a schema without any, nothing. */
export function joinsOf(supergraphSchema: GraphQLSchema): Joins {
  let joins = read.get(supergraphSchema);
  if (!joins) read.set(supergraphSchema, (joins = readJoins(supergraphSchema)));
  return joins;
}

function readJoins(schema: GraphQLSchema): Joins {
  const services = servicesOf(schema);
  const keys = new Map<string, { readonly isResolvable: boolean; readonly key: SelectionSetNode }[]>();
  const requirements = new Map<string, SelectionSetNode>();
  const plainKeys = new Map<string, string>();
  const interfaceObjects = new Set<string>();
  const overrides = new Map<string, Set<string>>();
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) && !isInterfaceType(type)) continue;
    const joined = appliedTo(type, 'join__type');
    const plain = plainKeyOf(joined);
    if (plain !== undefined) plainKeys.set(type.name, plain);
    for (const directive of joined) {
      if (isSaid(directive, 'isInterfaceObject', true)) interfaceObjects.add(type.name);
      const key = text(argumentOf(directive, 'key'));
      if (key === undefined) continue;
      const at = `${serviceIn(directive, services)} ${type.name}`;
      const known = keys.get(at) ?? [];
      keys.set(at, [...known, { isResolvable: !isSaid(directive, 'resolvable', false), key: selectionOf(key) }]);
    }
    for (const field of Object.values(type.getFields())) {
      for (const directive of appliedTo(field, 'join__field')) {
        const label = text(argumentOf(directive, 'overrideLabel'));
        if (label !== undefined) overrides.set(label, (overrides.get(label) ?? new Set()).add(field.name));
        const required = text(argumentOf(directive, 'requires'));
        if (required === undefined) continue;
        requirements.set(`${serviceIn(directive, services)} ${type.name}.${field.name}`, selectionOf(required));
      }
    }
  }
  return {
    keysOf: (service, type) => {
      const all = keys.get(`${service} ${type}`) ?? [];
      const resolvable = all.filter(({ isResolvable }) => isResolvable);
      return (resolvable.length > 0 ? resolvable : all).map(({ key }) => key);
    },
    requirementOf: (service, type, field) => requirements.get(`${service} ${type}.${field}`) ?? null,
    plainKeys,
    interfaceObjects,
    overrides,
  };
}

/** The plain field that is a key in each subgraph that a type's `join__type` names. */
function plainKeyOf(joined: readonly ConstDirectiveNode[]): string | undefined {
  const keysOf = Map.groupBy(joined, (directive) => text(argumentOf(directive, 'graph')));
  const [first, ...others] = [...keysOf.values()].map((directives) =>
    directives.map((directive) => text(argumentOf(directive, 'key'))),
  );
  return first?.find((key) => /^\w+$/.test(key ?? '') && others.every((keys) => keys.includes(key)));
}

/** Services by what the supergraph calls them inside. */
function servicesOf(schema: GraphQLSchema): ReadonlyMap<string, string> {
  const graphs = schema.getType('join__Graph');
  const services = new Map<string, string>();
  if (!graphs || !('getValues' in graphs)) return services;
  for (const value of graphs.getValues()) {
    const [directive] = appliedTo(value, 'join__graph');
    services.set(value.name, (directive && text(argumentOf(directive, 'name'))) ?? '');
  }
  return services;
}

const serviceIn = (directive: ConstDirectiveNode, services: ReadonlyMap<string, string>): string =>
  services.get(text(argumentOf(directive, 'graph')) ?? '') ?? '';

function isSaid(directive: ConstDirectiveNode, name: string, value: boolean): boolean {
  const said = argumentOf(directive, name);
  return said?.kind === Kind.BOOLEAN && said.value === value;
}

/** A selection as directives hold it, without its braces. Throws where it is none. */
export function selectionOf(fields: string): SelectionSetNode {
  const [definition] = parse(`{ ${fields} }`, { noLocation: true }).definitions;
  if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new Error(`"${fields}" selects no fields`);
  return definition.selectionSet;
}
