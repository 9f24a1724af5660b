import { isEnumType, type GraphQLLeafType } from 'graphql';

/**
 * JavaScript that tells whether the variable `v` may stand for a leaf type, after graphql's result coercion; null where
 * anything may (scalars that are not the specification's). `values` is where the expression finds an enum's names.
 */
export function leafTest(type: GraphQLLeafType, v: string, values: string): string | null {
  if (isEnumType(type)) return `${values}.has(${v})`;
  switch (type.name) {
    case 'String':
      return `typeof ${v} === 'string'`;
    case 'Boolean':
      return `typeof ${v} === 'boolean'`;
    case 'Float':
      return `typeof ${v} === 'number'`;
    case 'Int':
      return `typeof ${v} === 'number' && Number.isInteger(${v})`;
    case 'ID':
      return `typeof ${v} === 'string' || Number.isInteger(${v})`;
    default:
      return null;
  }
}
