import { Supergraph } from '@apollo/federation-internals';
import { buildSubgraphSchema } from '@apollo/subgraph';
import {
  execute,
  GraphQLError,
  isInterfaceType,
  isObjectType,
  Kind,
  parse,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  type SelectionSetNode,
} from 'graphql';
import { getArgumentValues } from 'graphql/execution/values.js';
import { mayBeMissing, requirements, typeDefs } from './archipelago.ts';
import type { Answer, Ask } from './ask.ts';
import { startFederation, type Federation, type Resolvers } from './federation.ts';
import { computed, craftOf, hash, valueAt, type Handle } from './world.ts';

const ROOT: Handle = { __typename: 'Query', id: 'root' };

/** Who answers a field in the composed graph, and in whose name the world makes it up. */
interface Owner {
  readonly subgraph: string;
  readonly owner: string;
  readonly definition: GraphQLField<unknown, unknown>;
  readonly schema: GraphQLSchema;
}

export interface Archipelago extends Federation {
  /** The answer by the specification alone: graphql-js over the whole API schema, with no gateway in between. */
  readonly monolith: Ask;
  readonly apiSchema: GraphQLSchema;
}

/** The corpus’s federation, and the same world in one piece. */
export async function startArchipelago(seed: number): Promise<Archipelago> {
  const schemas = Object.fromEntries(
    Object.entries(typeDefs).map(([name, text]) => [name, buildSubgraphSchema([{ typeDefs: parse(text) }])] as const),
  );
  const parts = Object.entries(schemas).map(
    ([name, schema]) =>
      [name, { typeDefs: typeDefs[name] as string, resolvers: resolversOf(seed, name, schema) }] as const,
  );
  const federation = await startFederation(Object.fromEntries(parts));
  const apiSchema = Supergraph.build(federation.supergraphSdl).apiSchema().toGraphQLJSSchema();
  return { ...federation, apiSchema, monolith: monolithOf(seed, apiSchema, schemas) };
}

const isMissing = (seed: number, subgraph: string, type: string, id: string): boolean =>
  mayBeMissing.has(`${subgraph} ${type}`) && hash(`missing ${seed}/${subgraph}/${type}/${id}`) % 7 === 0;
const isBroken = (seed: number, subgraph: string, type: string, id: string): boolean =>
  mayBeMissing.has(`${subgraph} ${type}`) && hash(`broken ${seed}/${subgraph}/${type}/${id}`) % 19 === 0;

/** The object that a representation stands for; keys are made of ids, so that each leads back. */
function handleOf(type: string, given: Readonly<Record<string, unknown>>): Handle {
  const { id, badge, code } = given as { readonly id?: string; readonly badge?: number; readonly code?: string };
  return { ...given, __typename: type, id: id ?? String(badge ?? code?.replace('code-', '')) };
}

function resolversOf(seed: number, subgraph: string, schema: GraphQLSchema): Resolvers {
  const resolvers: Record<string, Record<string, object>> = {};
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('_')) continue;
    if (isObjectType(type)) resolvers[type.name] = objectResolvers(seed, subgraph, schema, type);
    // Craft in the subgraph that knows its types is looked up there as well.
    if (isInterfaceType(type)) {
      resolvers[type.name] = {
        __resolveReference: (given: Handle) => handleOf(craftOf(given.id), given),
        __resolveType: ({ __typename }: Handle) => __typename,
      };
    }
  }
  return resolvers as Resolvers;
}

function objectResolvers(seed: number, subgraph: string, schema: GraphQLSchema, type: GraphQLObjectType) {
  const fields = Object.values(type.getFields()).filter(({ name }) => !name.startsWith('_'));
  const resolvers = fields.map((field) => {
    const required = requirements[`${type.name}.${field.name}`];
    const resolve = (parent: Handle = ROOT, given: Readonly<Record<string, unknown>>): unknown =>
      required === undefined
        ? valueAt(seed, { owner: type.name, id: parent.id, field: field.name, given, type: field.type, schema })
        : computed(field.name, pick(parent, selectionOf(required)), field.type);
    return [field.name, resolve] as const;
  });
  const __resolveReference = async (given: Readonly<Record<string, unknown>>): Promise<Handle | null> => {
    const handle = handleOf(type.name, given);
    if (isBroken(seed, subgraph, type.name, handle.id))
      throw new GraphQLError('The lookup fails.', { extensions: { code: 'LOOKUP' } });
    return isMissing(seed, subgraph, type.name, handle.id) ? null : handle;
  };
  return { ...Object.fromEntries(resolvers), __resolveReference };
}

const selectionOf = (text: string): SelectionSetNode => {
  const definition = parse(text).definitions[0];
  if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new Error(`no selection: ${text}`);
  return definition.selectionSet;
};

/** What a representation has brought, in the order of the requirement; what is not there stays away. */
function pick(value: unknown, selection: SelectionSetNode | undefined): unknown {
  if (!selection || value === null || value === undefined) return value;
  if (Array.isArray(value)) return value.map((one) => pick(one, selection));
  const from = value as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    fieldsOf(selection).map((field) => [field.name.value, pick(from[field.name.value], field.selectionSet)]),
  );
}

const fieldsOf = ({ selections }: SelectionSetNode) => selections.filter((selection) => selection.kind === Kind.FIELD);

function monolithOf(seed: number, apiSchema: GraphQLSchema, schemas: Readonly<Record<string, GraphQLSchema>>): Ask {
  const owners = new Map<string, Owner>();
  const ownerOf = (type: GraphQLObjectType, field: string): Owner => {
    const key = `${type.name}.${field}`;
    const owner = owners.get(key) ?? findOwner(schemas, type, field);
    owners.set(key, owner);
    return owner;
  };
  const read = (
    type: GraphQLObjectType,
    parent: Handle,
    field: string,
    given: Readonly<Record<string, unknown>>,
  ): unknown => {
    const { subgraph, owner, definition, schema } = ownerOf(type, field);
    if (isMissing(seed, subgraph, owner, parent.id) || isBroken(seed, subgraph, owner, parent.id)) return null;
    const required = requirements[`${owner}.${field}`];
    if (required !== undefined) return computed(field, select(type, parent, selectionOf(required)), definition.type);
    return valueAt(seed, { owner, id: parent.id, field, given, type: definition.type, schema });
  };
  const select = (type: GraphQLObjectType, parent: Handle, selection: SelectionSetNode): unknown =>
    Object.fromEntries(
      fieldsOf(selection).map((node) => {
        const definition = type.getFields()[node.name.value];
        if (!definition) throw new Error(`${type.name} has no ${node.name.value}`);
        const value = orNull(() => read(type, parent, node.name.value, getArgumentValues(definition, node)));
        const into = (one: unknown): unknown => {
          if (Array.isArray(one)) return one.map(into);
          if (!node.selectionSet || one === null) return one;
          return select(
            apiSchema.getType((one as Handle).__typename) as GraphQLObjectType,
            one as Handle,
            node.selectionSet,
          );
        };
        return [node.name.value, into(value)];
      }),
    );
  return async (query, variables = {}) =>
    (await execute({
      schema: apiSchema,
      document: parse(query),
      variableValues: { ...variables },
      fieldResolver: (parent: Handle | undefined, given: Record<string, unknown>, _, info) =>
        read(info.parentType, parent ?? ROOT, info.fieldName, given),
      typeResolver: (value) =>
        (value as Handle).__typename === 'Craft' ? craftOf((value as Handle).id) : (value as Handle).__typename,
    })) as Answer;
}

function orNull(read: () => unknown): unknown {
  try {
    return read();
  } catch {
    return null;
  }
}

/** The first subgraph that has the field as its own: on the type, or on an interface object that stands for it. */
function findOwner(schemas: Readonly<Record<string, GraphQLSchema>>, type: GraphQLObjectType, field: string): Owner {
  for (const owner of [type.name, ...type.getInterfaces().map(({ name }) => name)]) {
    for (const [subgraph, schema] of Object.entries(schemas)) {
      const inSubgraph = schema.getType(owner);
      const definition = isObjectType(inSubgraph) ? inSubgraph.getFields()[field] : undefined;
      const isExternal = definition?.astNode?.directives?.some(({ name }) => name.value === 'external') ?? false;
      if (definition && !isExternal) return { subgraph, owner, definition, schema };
    }
  }
  throw new Error(`nobody owns ${type.name}.${field}`);
}
