import {
  getNamedType,
  isInputObjectType,
  isInterfaceType,
  type GraphQLCompositeType,
  type GraphQLField,
} from 'graphql';
import { defaultOf, sizingOf, type Sizing } from './cost.sizes.ts';
import { pageOf, typeWeight, writtenWeight, type Weighing } from './cost.weights.ts';

/** What a field counts as; of an interface's field, what the objects that have it say too. */
export interface FieldModel {
  readonly weight: number;
  /** Weights that are written for its arguments, by name. */
  readonly argumentWeights: ReadonlyMap<string, number>;
  /** All that is said of its size, at least one; null: nothing is known. */
  readonly sizings: readonly (Sizing | null)[];
}

export interface FieldWeighing extends Weighing {
  /** What was worked out before, by coordinate. */
  readonly fieldModels: Map<string, FieldModel>;
}

type Field = GraphQLField<unknown, unknown>;

/** Works out a field's model once; the dearest of its weights and sizes is what counts. */
export function fieldModel(parent: GraphQLCompositeType, field: Field, weighing: FieldWeighing): FieldModel {
  const coordinate = `${parent.name}.${field.name}`;
  const known = weighing.fieldModels.get(coordinate);
  if (known) return known;
  const plain = typeWeight(getNamedType(field.type), weighing);
  const model = {
    weight: writtenWeight(parent, field.name, plain, weighing) ?? plain,
    argumentWeights: argumentWeightsOf(parent, field, weighing),
    sizings: sizingsOf(parent, field, weighing),
  };
  weighing.fieldModels.set(coordinate, model);
  return model;
}

function argumentWeightsOf(parent: GraphQLCompositeType, field: Field, weighing: Weighing): Map<string, number> {
  const found = new Map<string, number>();
  for (const argument of field.args) {
    const type = getNamedType(argument.type);
    const unwritten = isInputObjectType(type) ? weighing.options.inputObjectWeight : 0;
    const plain = weighing.model.weights.get(type.name) ?? unwritten;
    const weight = writtenWeight(parent, `${field.name}(${argument.name}:)`, plain, weighing);
    if (weight !== undefined) found.set(argument.name, weight);
  }
  return found;
}

/** A field's sizing; an interface's own, if it has one, and those of its objects, each different one once. */
function sizingsOf(parent: GraphQLCompositeType, field: Field, weighing: Weighing): readonly (Sizing | null)[] {
  const { listSizes, places } = weighing.model;
  const written = listSizes.get(`${parent.name}.${field.name}`);
  const sizings = new Map<string, Sizing | null>();
  const add = (definition: Field, own = written): void => {
    const listSize = own ?? pageOf(definition, weighing.options);
    const sizing = listSize && sizingOf(listSize, definition, field);
    sizings.set(JSON.stringify(sizing && [sizing.listSize, sizing.slices.map(({ byDefault }) => byDefault)]), sizing);
  };
  const objects = isInterfaceType(parent) ? weighing.schema.getPossibleTypes(parent) : [];
  const isSomewhere = places.has(field.name);
  let isOwnCounted = written !== undefined || objects.length === 0;
  for (const object of objects) {
    const own = isSomewhere ? listSizes.get(`${object.name}.${field.name}`) : undefined;
    const definition = object.getFields()[field.name] ?? field;
    if (own || !isAlike(definition, field)) add(definition, own);
    else isOwnCounted = true;
  }
  if (isOwnCounted) add(field);
  return [...sizings.values()];
}

/** Saves the work for most objects: whether a field has just the arguments and defaults of the interface's. */
function isAlike({ args }: Field, { args: others }: Field): boolean {
  return (
    args.length === others.length &&
    args.every((one, index) => one.name === others[index]?.name && defaultOf(one) === defaultOf(others[index]))
  );
}
