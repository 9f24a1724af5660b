import { put } from './data.ts';

/** The variables of one fetch, out of those of the operation. */
export function compileVariables(
  names: readonly string[],
): (variables: Readonly<Record<string, unknown>>) => Record<string, unknown> {
  return (variables) => {
    const used: Record<string, unknown> = {};
    for (const name of names) {
      if (Object.hasOwn(variables, name) && variables[name] !== undefined) put(used, name, variables[name]);
    }
    return used;
  };
}
