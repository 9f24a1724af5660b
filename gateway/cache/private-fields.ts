import {
  BREAK,
  getNamedType,
  isAbstractType,
  TypeInfo,
  visit,
  visitWithTypeInfo,
  type GraphQLNamedType,
  type GraphQLSchema,
} from 'graphql';
import type { Graph } from '../graph/graph.ts';
import type { Operation } from '../operation/operation.ts';
import type { CacheHints } from './declarations.ts';

/**
 * Whether anything that an operation selects is declared PRIVATE: a field, the type it is selected on, or the type it leads
 * to, whichever type an object behind an interface or union turns out to have. Asked once per operation: remember the answer.
 */
export function hasPrivateFields(
  { supergraphSchema }: Graph,
  { document, node }: Pick<Operation, 'document' | 'node'>,
  hints: CacheHints,
): boolean {
  const isPrivate = (coordinate: string): boolean => hints.of(coordinate).scope === 'PRIVATE';
  const info = new TypeInfo(supergraphSchema);
  let isFound = false;
  const visitor = visitWithTypeInfo(info, {
    OperationDefinition: (definition) => (definition === node ? undefined : false),
    Field: ({ name: { value: name } }) => {
      if (name.startsWith('__')) return false;
      const parents = namesOf(supergraphSchema, info.getParentType());
      const types = namesOf(supergraphSchema, getNamedType(info.getType()));
      isFound = types.some(isPrivate) || parents.some((parent) => isPrivate(parent) || isPrivate(`${parent}.${name}`));
      return isFound ? BREAK : undefined;
    },
  });
  visit(document, visitor);
  return isFound;
}

function namesOf(schema: GraphQLSchema, type: GraphQLNamedType | null | undefined): readonly string[] {
  if (!type) return [];
  const possible = isAbstractType(type) ? schema.getPossibleTypes(type) : [];
  return [type, ...possible].map(({ name }) => name);
}
