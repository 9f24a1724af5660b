import { isAbstractType, isInterfaceType, isObjectType, type GraphQLSchema } from 'graphql';

/** JSON objects as subgraphs answer them: theirs no longer, so that plan execution may write into them. */
export type Data = Record<string, unknown>;

export const isData = (value: unknown): value is Data =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The value a subgraph has answered under a name, never one that objects inherit. */
export function own(data: Data, name: string): unknown {
  const value = data[name];
  // Answers hold no functions: one that is found is inherited.
  const isSuspect = typeof value === 'function' || name === '__proto__';
  return isSuspect && !Object.hasOwn(data, name) ? undefined : value;
}

/** Writes a value under any name: plain assignment to `__proto__` would change the object's prototype instead. */
export function put(data: Data, name: string, value: unknown): void {
  if (name === '__proto__') {
    Object.defineProperty(data, name, { value, enumerable: true, configurable: true, writable: true });
  } else data[name] = value;
}

const NO_TYPES: ReadonlySet<unknown> = new Set();

/**
 * Merges one subgraph's answer into what is known; what is known already is not forgotten for a null.
 * @param vague Types that say less of an object than what is known of it may: interfaces that a subgraph knows as objects.
 */
export function merge(target: Data, source: Data, vague = NO_TYPES): void {
  // Answers are JSON: they inherit nothing that could be enumerated, and `for … in` makes no list.
  for (const name in source) {
    const value = source[name];
    const known = own(target, name);
    if (known === undefined || known === null) put(target, name, value);
    else if (value === null || value === undefined) continue;
    else if (isData(known) && isData(value)) merge(known, value, vague);
    else if (Array.isArray(known) && Array.isArray(value) && known.length === value.length) {
      mergeLists(known, value, vague);
    } else if (name !== '__typename' || !vague.has(value)) put(target, name, value);
  }
}

function mergeLists(known: unknown[], list: readonly unknown[], vague: ReadonlySet<unknown>): void {
  for (let index = 0; index < list.length; index++) {
    const [one, other] = [known[index], list[index]];
    if (isData(one) && isData(other)) merge(one, other, vague);
    else if (Array.isArray(one) && Array.isArray(other) && one.length === other.length) mergeLists(one, other, vague);
    else if (other !== null && other !== undefined) known[index] = other;
  }
}

/** Whether an object is of a type or of a subtype of it; `otherwise` where it does not say what it is. */
export function isOfType(schema: GraphQLSchema, data: Data, condition: string, otherwise: boolean): boolean {
  const name = data['__typename'];
  if (typeof name !== 'string') return otherwise;
  if (name === condition) return true;
  const [type, conditionType] = [schema.getType(name), schema.getType(condition)];
  if (!isAbstractType(conditionType) || (!isObjectType(type) && !isInterfaceType(type))) return false;
  return schema.isSubType(conditionType, type);
}

/** A copy that shares no object with the original. */
export function copy(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copy);
  const copied: Data = {};
  const data = value as Data;
  for (const name in data) put(copied, name, copy(data[name]));
  return copied;
}
