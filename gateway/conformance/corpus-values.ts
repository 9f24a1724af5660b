import {
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isRequiredInputField,
  type GraphQLCompositeType,
  type GraphQLInputType,
  type GraphQLSchema,
} from 'graphql';

export interface CorpusOptions {
  /** Levels of fields. */
  readonly maxDepth?: number;
  /** Selections of an operation, about. */
  readonly maxSelections?: number;
  /** Fields to leave out, as `Type.field`. */
  readonly without?: ReadonlySet<string>;
  /** Aliases that are names of other fields, of keys and of what is required; names that objects of JavaScript have. */
  readonly isHostile?: boolean;
}

export type Random = () => number;

/** mulberry32: small, fast, and the same everywhere. */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** What one operation is being made of. */
export interface Draft {
  readonly schema: GraphQLSchema;
  readonly random: Random;
  readonly options: Required<CorpusOptions>;
  readonly variables: Map<string, { readonly type: string; readonly value: unknown }>;
  /** By name: the type it is on, and its text. Finished ones only, so that none can spread itself. */
  readonly fragments: Map<string, { readonly on: GraphQLCompositeType; readonly text: string }>;
  left: number;
}

export const chance = ({ random }: Draft, share: number): boolean => random() < share;
export const below = ({ random }: Draft, end: number): number => Math.floor(random() * end);
export function oneOf<T>(draft: Draft, values: readonly T[]): T {
  const value = values[below(draft, values.length)];
  if (value === undefined) throw new Error('nothing to choose from');
  return value;
}

/** Text of a value: a literal, or a variable that has one, lacks one, is null or has a default. */
export function value(draft: Draft, type: GraphQLInputType): string {
  if (!chance(draft, 0.4)) return literal(draft, type);
  const name = `v${draft.variables.size}`;
  const roll = draft.random();
  // Taken before its value is made, which may need names of its own.
  draft.variables.set(name, { type: String(type), value: null });
  const plain = plainValue(draft, type);
  if (isNonNullType(type) || roll < 0.6) draft.variables.set(name, { type: String(type), value: plain });
  else if (roll < 0.75) draft.variables.set(name, { type: String(type), value: undefined });
  else if (roll > 0.9)
    draft.variables.set(name, { type: `${String(type)} = ${literal(draft, type, true)}`, value: undefined });
  return `$${name}`;
}

const NAMES = ['skerry', 'holm', 'ä "quoted"\\', ''];

function plainValue(draft: Draft, type: GraphQLInputType): unknown {
  if (!isNonNullType(type) && chance(draft, 0.1)) return null;
  const inner = getNullableType(type);
  if (isListType(inner)) return Array.from({ length: below(draft, 3) }, () => plainValue(draft, inner.ofType));
  if (isEnumType(inner)) return oneOf(draft, inner.getValues()).name;
  if (isInputObjectType(inner)) {
    const fields = Object.values(inner.getFields()).filter((one) => isRequiredInputField(one) || chance(draft, 0.5));
    return Object.fromEntries(fields.map((one) => [one.name, plainValue(draft, one.type)]));
  }
  const { name } = getNamedType(inner);
  if (name === 'Int') return below(draft, 5);
  if (name === 'Float') return below(draft, 9) / 2;
  if (name === 'Boolean') return chance(draft, 0.5);
  return name === 'ID' ? String(below(draft, 9)) : oneOf(draft, NAMES);
}

/** `isDefault`: of a variable, and so without variables inside. */
function literal(draft: Draft, type: GraphQLInputType, isDefault = false): string {
  const inner = getNullableType(type);
  if (isInputObjectType(inner) && !isDefault) {
    const fields = Object.values(inner.getFields()).filter((one) => isRequiredInputField(one) || chance(draft, 0.5));
    return `{ ${fields.map((one) => `${one.name}: ${value(draft, one.type)}`).join(', ')} }`;
  }
  return asLiteral(plainValue(draft, type), inner);
}

function asLiteral(plain: unknown, type: GraphQLInputType): string {
  const inner = getNullableType(type);
  if (plain === null) return 'null';
  if (Array.isArray(plain))
    return `[${plain.map((one) => asLiteral(one, isListType(inner) ? inner.ofType : inner)).join(', ')}]`;
  if (isInputObjectType(inner)) {
    const fields = Object.entries(plain as Readonly<Record<string, unknown>>);
    return `{ ${fields.map(([name, one]) => `${name}: ${asLiteral(one, inner.getFields()[name]?.type ?? inner)}`).join(', ')} }`;
  }
  return isEnumType(inner) && typeof plain === 'string' ? plain : JSON.stringify(plain);
}
