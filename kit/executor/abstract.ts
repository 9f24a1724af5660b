import {
  type FieldNode,
  type GraphQLAbstractType,
  GraphQLError,
  type GraphQLObjectType,
  type GraphQLSchema,
  isObjectType,
} from 'graphql';
import { inspect } from 'graphql/jsutils/inspect.js';

interface Asked {
  readonly nodes: readonly FieldNode[];
  /** `Type.field` */
  readonly coordinate: string;
  readonly value: unknown;
}

/** The object type that `resolveType` has named. Throws, in graphql-js's words, where that is none of the abstract type's. */
export function ensureRuntimeType(
  schema: GraphQLSchema,
  abstract: GraphQLAbstractType,
  name: unknown,
  { nodes, coordinate, value }: Asked,
): GraphQLObjectType {
  const must = `Abstract type "${abstract.name}" must resolve to an Object type at runtime for field "${coordinate}"`;
  if (name == null) {
    throw new GraphQLError(
      `${must}. Either the "${abstract.name}" type should provide a "resolveType" function or each possible type should provide an "isTypeOf" function.`,
      { nodes },
    );
  }
  if (isObjectType(name)) {
    throw new GraphQLError(
      'Support for returning GraphQLObjectType from resolveType was removed in graphql-js@16.0.0 please return type name instead.',
    );
  }
  if (typeof name !== 'string')
    throw new GraphQLError(`${must} with value ${inspect(value)}, received "${inspect(name)}".`);
  const type = schema.getType(name);
  if (!type) {
    throw new GraphQLError(
      `Abstract type "${abstract.name}" was resolved to a type "${name}" that does not exist inside the schema.`,
      { nodes },
    );
  }
  if (!isObjectType(type))
    throw new GraphQLError(`Abstract type "${abstract.name}" was resolved to a non-object type "${name}".`, { nodes });
  if (!schema.isSubType(abstract, type)) {
    throw new GraphQLError(`Runtime Object type "${type.name}" is not a possible type for "${abstract.name}".`, {
      nodes,
    });
  }
  return type;
}
