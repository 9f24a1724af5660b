import {
  getNamedType,
  isAbstractType,
  isCompositeType,
  TypeInfo,
  visit,
  visitWithTypeInfo,
  type GraphQLCompositeType,
  type GraphQLSchema,
} from 'graphql';
import type { Operation } from '../operation/operation.ts';
import { isPublicOperation } from '../operation/public-fields.ts';
import type { CacheHint, CacheHints } from './declarations.ts';
import { hasPrivateFields } from './private-fields.ts';

/** How long the answer to an operation may be kept, and for whom. */
export interface CachePolicy {
  readonly maxAgeSeconds: number;
  readonly scope: 'PUBLIC' | 'PRIVATE';
  /** Types that it may show, and fields that lead to objects: `Post`, `User.posts`. */
  readonly tags: readonly string[];
}

/** An interface or union of more types is not looked into. */
export const MAX_POSSIBLE_TYPES = 50;

/** The object types a selection on this type may be about; null where they are too many. */
export function possibleTypesOf(schema: GraphQLSchema, type: GraphQLCompositeType): readonly string[] | null {
  if (!isAbstractType(type)) return [type.name];
  const types = schema.getPossibleTypes(type);
  return types.length > MAX_POSSIBLE_TYPES ? null : [type.name, ...types.map(({ name }) => name)];
}

/**
 * Apollo's rules: the shortest maxAge of all fields; a field takes its own, else that of the type it returns; without either
 * it is 0 for root fields and for fields that return objects, and its parent's for the rest. Conditions are taken as met.
 * Private unless everything is declared public. Null where the answer may not be kept.
 */
export function policyOf(operation: Operation, hints: CacheHints): CachePolicy | null {
  const { graph, node, document } = operation;
  const { schema } = graph;
  if (node.operation !== 'query') return null;
  const tags = new Set<string>();
  let maxAgeSeconds = Infinity;
  const limitTo = (hint: CacheHint, returned: CacheHint, isStrict: boolean, isRoot: boolean): void => {
    const inherits = (hint.inheritMaxAge === true || returned.inheritMaxAge === true) && !isRoot;
    const own = hint.maxAge ?? returned.maxAge ?? (isStrict && !inherits ? 0 : Infinity);
    maxAgeSeconds = Math.min(maxAgeSeconds, own);
  };
  const info = new TypeInfo(schema);
  const visitor = visitWithTypeInfo(info, {
    OperationDefinition: (definition) => (definition === node ? undefined : false),
    Directive: ({ name }) => {
      if (name.value === 'defer' || name.value === 'stream') maxAgeSeconds = 0;
    },
    Field: ({ name: { value: name } }) => {
      if (name === '__typename') return;
      const [parent, type] = [info.getParentType(), getNamedType(info.getType())];
      const parents = parent ? possibleTypesOf(schema, parent) : null;
      if (!parent || !type || !parents || name.startsWith('__')) {
        maxAgeSeconds = 0;
        return;
      }
      const isObject = isCompositeType(type);
      const isRoot = parent === schema.getQueryType();
      for (const one of parents) {
        limitTo(hints.of(`${one}.${name}`), isObject ? hints.of(type.name) : {}, isObject || isRoot, isRoot);
        if (isObject) tags.add(`${one}.${name}`);
      }
      // A list that has none of a type today may have one tomorrow.
      if (isObject) for (const one of possibleTypesOf(schema, type) ?? [type.name]) tags.add(one);
    },
  });
  // Fragments that the operation does not use shorten it at worst.
  visit(document, visitor);
  if (maxAgeSeconds <= 0 || maxAgeSeconds === Infinity) return null;
  const isPublic = isPublicOperation(graph, operation, hints.declaration) && !hasPrivateFields(graph, operation, hints);
  return { maxAgeSeconds, scope: isPublic ? 'PUBLIC' : 'PRIVATE', tags: [...tags] };
}
