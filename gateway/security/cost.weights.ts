import {
  getNamedType,
  isAbstractType,
  isCompositeType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLNamedOutputType,
  type GraphQLOutputType,
  type GraphQLSchema,
} from 'graphql';
import type { CostModel, ListSize } from './cost.model.ts';
import type { CostOptions } from './cost.options.ts';

export interface Weighing {
  readonly schema: GraphQLSchema;
  readonly model: CostModel;
  readonly options: CostOptions;
  /** What was weighed before, by type. */
  readonly typeWeights: Map<string, number>;
}

/** The weight of one value of a type: of an interface or union, that of its dearest object. */
export function typeWeight(type: GraphQLNamedOutputType, weighing: Weighing): number {
  const known = weighing.typeWeights.get(type.name);
  if (known !== undefined) return known;
  const { weights } = weighing.model;
  const { objectWeight, leafWeight } = weighing.options;
  let weight = weights.get(type.name) ?? (isCompositeType(type) ? objectWeight : leafWeight);
  if (isAbstractType(type)) {
    const possible = weighing.schema.getPossibleTypes(type).map(({ name }) => weights.get(name) ?? objectWeight);
    weight = Math.max(weights.get(type.name) ?? Number.NEGATIVE_INFINITY, ...possible);
    if (!Number.isFinite(weight)) weight = objectWeight;
  }
  weighing.typeWeights.set(type.name, weight);
  return weight;
}

/**
 * The weight that is written at a place of a type: `books`, `books(first:)`. Of an interface it may be written on the
 * objects: the dearest, where one without it weighs what the interface says, else what is plain.
 */
export function writtenWeight(
  parent: GraphQLCompositeType,
  place: string,
  plain: number,
  { schema, model: { weights, places } }: Weighing,
): number | undefined {
  const own = weights.get(`${parent.name}.${place}`);
  if (!isInterfaceType(parent) || !places.has(place)) return own;
  const all = schema.getPossibleTypes(parent).map(({ name }) => weights.get(`${name}.${place}`) ?? own);
  return all.reduce((most, one) => ((one ?? plain) > (most ?? plain) ? one : most), own ?? all[0]);
}

/** How many lists a value is in: `[[Int!]!]` is 2. */
export function listLevels(type: GraphQLOutputType): number {
  if (isNonNullType(type)) return listLevels(type.ofType);
  return isListType(type) ? 1 + listLevels(type.ofType) : 0;
}

/** The size that a field's page arguments say where no directive does: `books(first: 10)`, `booksConnection(first: 10)`. */
export function pageOf(definition: GraphQLField<unknown, unknown>, options: CostOptions): ListSize | null {
  const pages = definition.args.filter(
    ({ name, type }) => options.pageArguments.includes(name) && getNamedType(type).name === 'Int',
  );
  if (pages.length === 0) return null;
  const isSized = listLevels(definition.type) > 0 || sizedFieldsOf(getNamedType(definition.type), options).length > 0;
  if (!isSized) return null;
  return {
    assumedSize: null,
    slicingArguments: pages.map(({ name }) => [name]),
    sizedFields: [],
    requireOneSlicingArgument: false,
  };
}

/** The lists of a connection: `edges`, `nodes`. */
export function sizedFieldsOf(type: GraphQLNamedOutputType, { connectionFields }: CostOptions): readonly string[] {
  if (!isObjectType(type) && !isInterfaceType(type)) return [];
  const fields = type.getFields();
  return connectionFields.filter((name) => fields[name] && listLevels(fields[name].type) > 0);
}
