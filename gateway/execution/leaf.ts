import { isEnumType, type GraphQLLeafType } from 'graphql';

/**
 * JavaScript that tells whether the variable `v` stands for a leaf type as it is, after graphql's result coercion; null where
 * anything may (scalars that are not the specification's). `values` is where the expression finds an enum's names.
 */
export function leafTest(type: GraphQLLeafType, v: string, values: string): string | null {
  if (isEnumType(type)) return `${values}.has(${v})`;
  switch (type.name) {
    case 'String':
    case 'ID':
      return `typeof ${v} === 'string'`;
    case 'Boolean':
      return `typeof ${v} === 'boolean'`;
    case 'Float':
      return `Number.isFinite(${v})`;
    case 'Int':
      return `typeof ${v} === 'number' && (${v} | 0) === ${v}`;
    default:
      return null;
  }
}

/**
 * JavaScript for what a variable `v` that does not pass the test of its type comes to: null, noted with `note` and the
 * shaping `s` where there was a value; the text of an ID that is a whole number.
 */
export function leafOtherwise({ name }: GraphQLLeafType, v: string): string {
  const none = `${v} === null || ${v} === undefined ? null : note(s)`;
  return name === 'ID' ? `Number.isInteger(${v}) ? String(${v}) : ${none}` : none;
}
