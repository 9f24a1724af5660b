import {
  getNamedType,
  getNullableType,
  GraphQLError,
  isAbstractType,
  isEnumType,
  isListType,
  isNonNullType,
  isObjectType,
  type GraphQLAbstractType,
  type GraphQLOutputType,
  type GraphQLSchema,
} from 'graphql';

/** FNV-1a: the same text is the same number everywhere. */
export function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  // The low bits of FNV are weak.
  value ^= value >>> 15;
  return Math.imul(value, 0x85ebca6b) >>> 8;
}

/** JSON whose names are in alphabetical order. */
export const canonical = (value: unknown): string =>
  JSON.stringify(value, (_name, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([one], [other]) => (one < other ? -1 : 1)))
      : inner,
  );

/** An object of the made-up world; what a representation brings lies beside. */
export interface Handle {
  readonly __typename: string;
  readonly id: string;
  readonly [field: string]: unknown;
}

/** One coordinate: the type that owns the field (an interface object’s interface), the object, the field, its arguments. */
export interface Coordinate {
  readonly owner: string;
  readonly id: string;
  readonly field: string;
  readonly given: Readonly<Record<string, unknown>>;
  readonly type: GraphQLOutputType;
  /** The schema of the subgraph that owns the field: it says which types an abstract one may be. */
  readonly schema: GraphQLSchema;
}

/** Entities are numbered, so that the same ones turn up again and again. */
const ENTITIES = 9;
/** Fields that other subgraphs depend on and that may not be null never fail, or a lookup would lose more than was asked. */
const NEVER_FAILS: ReadonlySet<string> = new Set(['id', 'code', 'zone', 'number', 'badge', 'width']);

/** The value at a coordinate: made up, but always the same. Throws where the field fails. */
export function valueAt(seed: number, at: Coordinate): unknown {
  const key = `${seed}/${at.owner}/${at.id}/${at.field}/${canonical(at.given)}`;
  if (!NEVER_FAILS.has(at.field) && hash(`fail ${key}`) % 41 === 0) {
    throw new GraphQLError(`${at.owner}.${at.field} fails.`, { extensions: { code: `FAIL_${hash(key) % 3}` } });
  }
  return make(seed, at, at.type, key);
}

function make(seed: number, at: Coordinate, type: GraphQLOutputType, key: string): unknown {
  if (!isNonNullType(type) && hash(`null ${key}`) % 8 === 0) return null;
  const inner = getNullableType(type);
  if (isListType(inner)) {
    const first = at.given['first'];
    const length = typeof first === 'number' ? Math.min(Math.max(first, 0), 4) : hash(`length ${key}`) % 4;
    return Array.from({ length }, (_, index) => make(seed, at, inner.ofType, `${key}#${index}`));
  }
  if (isObjectType(inner)) return handle(at.schema, inner.name, key);
  if (isAbstractType(inner)) return abstractHandle(at.schema, inner, key);
  return leaf(at, inner, key);
}

/** Entities of an interface keep their type, whoever hands them out. */
function abstractHandle(schema: GraphQLSchema, type: GraphQLAbstractType, key: string): Handle {
  const names = schema
    .getPossibleTypes(type)
    .map(({ name }) => name)
    .sort();
  if (type.name !== 'Craft') return handle(schema, names[hash(`type ${key}`) % names.length] as string, key);
  return handle(schema, 'Craft', key);
}

/** Every third craft is a raft. */
export const craftOf = (id: string): 'Raft' | 'Ship' => (Number(id) % 3 === 0 ? 'Raft' : 'Ship');

function handle(schema: GraphQLSchema, name: string, key: string): Handle {
  const number = hash(`entity ${key}`) % ENTITIES;
  if (name === 'Craft')
    return {
      __typename: isObjectType(schema.getType('Craft')) ? 'Craft' : craftOf(String(number)),
      id: String(number),
    };
  if (name === 'Raft') return { __typename: name, id: String(number - (number % 3)) };
  if (name === 'Ship') return { __typename: name, id: String(number % 3 === 0 ? number + 1 : number) };
  return { __typename: name, id: String(number) };
}

function leaf(at: Coordinate, type: GraphQLOutputType, key: string): unknown {
  if (at.field === 'id') return at.id;
  if (at.field === 'code') return `code-${at.id}`;
  if (at.field === 'badge' || at.field === 'number') return Number(at.id);
  const number = hash(`leaf ${key}`);
  const name = getNamedType(type).name;
  if (isEnumType(type))
    return type
      .getValues()
      .map((value) => value.name)
      .sort()[number % type.getValues().length];
  if (name === 'Int') return number % 1000;
  if (name === 'Float') return (number % 1000) / 4;
  if (name === 'Boolean') return number % 2 === 0;
  if (name === 'Json')
    return [null, number % 10, { id: `j${number % 10}`, __typename: 'Json', list: [[], [{}]] }][number % 3];
  return `${at.owner} ${at.id} ${at.field} ${canonical(at.given)}`;
}

/** A computed field: made of what was required of others, as it came. */
export const computed = (field: string, required: unknown, type: GraphQLOutputType): unknown => {
  const text = `${field} of ${JSON.stringify(required)}`;
  return getNamedType(type).name === 'Int' ? hash(text) % 1000 : text;
};
