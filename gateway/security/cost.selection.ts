import {
  getNamedType,
  isAbstractType,
  isCompositeType,
  isUnionType,
  Kind,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLField,
  type SelectionSetNode,
} from 'graphql';
import { isNeverIncluded } from '../execution/collect.ts';
import { argumentsCost } from './cost.arguments.ts';
import { greatest, product, sum, type Expression } from './cost.expression.ts';
import { fieldModel, type FieldWeighing } from './cost.fields.ts';
import type { CostOptions } from './cost.options.ts';
import { slicedSize, type Sizing } from './cost.sizes.ts';
import type { VariableDefaults } from './cost.values.ts';
import { listLevels, sizedFieldsOf } from './cost.weights.ts';

export interface Compilation extends FieldWeighing {
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly defaults: VariableDefaults;
  /** Makes an expression that several places use be evaluated once. */
  readonly share: (expression: Expression) => Expression;
  readonly fields: Map<FieldNode, FieldCost>;
  /** By what sizes their fields, then by name; null stands for a fragment that is being compiled. */
  readonly spreads: Map<Sized | null, Map<string, Profile | null>>;
}

/** Lists below a field whose size its arguments say; `isSometimes` where not all the types that have it say so. */
type Sized = readonly { readonly path: readonly string[]; readonly size: Expression; readonly isSometimes: boolean }[];

/** A field's size as one of the types that have it says. */
interface Size {
  readonly sizing: Sizing | null;
  readonly size: Expression;
}

interface FieldCost {
  /** One entry with what is below. */
  readonly each: Expression;
  readonly entries: Expression;
  /** What does not grow with the entries. */
  readonly beside: Expression;
}

/** The cost of a selection set whatever the type, and what comes with each narrower type. */
interface Profile {
  base: Expression[];
  readonly narrower: Map<string, Expression[]>;
}

/** The cost of one answer to a selection set. */
export function costOfSet(
  compilation: Compilation,
  set: SelectionSetNode,
  type: GraphQLCompositeType,
  sized: Sized | null,
): Expression {
  const { base, narrower } = profileOf(compilation, set, type, sized);
  if (narrower.size === 0) return sum(base);
  const { schema } = compilation;
  const conditions = [...narrower].map(([name, parts]) => ({ condition: schema.getType(name), cost: sum(parts) }));
  const costFor = (object: GraphQLCompositeType): Expression =>
    sum(conditions.filter(({ condition }) => isWithin(compilation, object, condition)).map(({ cost }) => cost));
  if (!isAbstractType(type)) return sum([...base, costFor(type)]);
  const possible = schema.getPossibleTypes(type);
  // Beyond this the sum of all, which is never less, saves the comparison.
  if (possible.length * conditions.length > 2000) return sum([...base, ...conditions.map(({ cost }) => cost)]);
  return sum([...base, greatest(possible.map(costFor))]);
}

/** Whether all values of a type meet a fragment's condition. */
function isWithin({ schema }: Compilation, object: GraphQLCompositeType, condition: unknown): boolean {
  if (object === condition) return true;
  return isAbstractType(condition) && !isUnionType(object) && schema.isSubType(condition, object);
}

function profileOf(
  compilation: Compilation,
  { selections }: SelectionSetNode,
  type: GraphQLCompositeType,
  sized: Sized | null,
): Profile {
  const profile: Profile = { base: [], narrower: new Map() };
  for (const selection of selections) {
    if (isNeverIncluded(selection.directives)) continue;
    if (selection.kind === Kind.FIELD) profile.base.push(costOfField(compilation, selection, type, sized));
    else if (selection.kind === Kind.FRAGMENT_SPREAD) {
      const fragment = compilation.fragments.get(selection.name.value);
      if (fragment) add(compilation, profile, type, fragment, profileOfFragment(compilation, fragment, sized));
    } else {
      const condition = typeNamed(compilation, selection.typeCondition?.name.value) ?? type;
      add(compilation, profile, type, selection, profileOf(compilation, selection.selectionSet, condition, sized));
    }
  }
  return profile;
}

/** A fragment's profile, compiled once however often it is spread. */
function profileOfFragment(
  compilation: Compilation,
  { name: { value: name }, typeCondition, selectionSet }: FragmentDefinitionNode,
  sized: Sized | null,
): Profile {
  const known = compilation.spreads.get(sized) ?? new Map<string, Profile | null>();
  compilation.spreads.set(sized, known);
  const before = known.get(name);
  const type = typeNamed(compilation, typeCondition.name.value);
  if (before) return before;
  // Validation refuses a fragment inside itself.
  if (before === null || !type) return { base: [], narrower: new Map() };
  known.set(name, null);
  const { base, narrower } = profileOf(compilation, selectionSet, type, sized);
  const shared = (parts: readonly Expression[]) => [compilation.share(sum(parts))];
  const profile = {
    base: shared(base),
    narrower: new Map([...narrower].map(([condition, parts]) => [condition, shared(parts)])),
  };
  known.set(name, profile);
  return profile;
}

/** Adds a fragment's profile to that of the selection set it stands in. */
function add(
  compilation: Compilation,
  profile: Profile,
  type: GraphQLCompositeType,
  { typeCondition }: { readonly typeCondition?: { readonly name: { readonly value: string } } | undefined },
  inner: Profile,
): void {
  const name = typeCondition?.name.value ?? type.name;
  const isAlways = isWithin(compilation, type, compilation.schema.getType(name));
  if (isAlways) profile.base.push(...inner.base);
  else narrow(profile, name, inner.base);
  for (const [narrower, parts] of inner.narrower) narrow(profile, narrower, parts);
}

function narrow({ narrower }: Profile, name: string, parts: readonly Expression[]): void {
  const known = narrower.get(name) ?? [];
  known.push(...parts);
  narrower.set(name, known);
}

function typeNamed({ schema }: Compilation, name: string | undefined): GraphQLCompositeType | null {
  const type = name === undefined ? undefined : schema.getType(name);
  return isCompositeType(type) ? type : null;
}

function costOfField(
  compilation: Compilation,
  field: FieldNode,
  parent: GraphQLCompositeType,
  sized: Sized | null,
): Expression {
  const name = field.name.value;
  if (name === '__typename') return 0;
  if (name === '__schema' || name === '__type') return compilation.options.introspectionWeight;
  const definition = 'getFields' in parent ? parent.getFields()[name] : undefined;
  if (!definition) return 0;
  const below = (sized ?? []).filter(({ path }) => path[0] === name);
  const deeper = below
    .filter(({ path }) => path.length > 1)
    .map(({ path, ...said }) => ({ path: path.slice(1), ...said }));
  const known = deeper.length === 0 ? compilation.fields.get(field) : undefined;
  const cost = known ?? compileField(compilation, field, parent, definition, deeper);
  if (deeper.length === 0) compilation.fields.set(field, cost);
  const levels = listLevels(definition.type);
  const said = below.find(({ path }) => path.length === 1);
  const size = !said ? cost.entries : said.isSometimes ? greatest([said.size, cost.entries]) : said.size;
  // Lists in lists are as long as any of which nothing is known.
  const entries = levels === 0 ? 1 : product(size, compilation.options.listSize ** (levels - 1));
  return greatest([sum([product(entries, cost.each), cost.beside])]);
}

function compileField(
  compilation: Compilation,
  field: FieldNode,
  parent: GraphQLCompositeType,
  definition: GraphQLField<unknown, unknown>,
  deeper: Sized,
): FieldCost {
  const { options, model, defaults } = compilation;
  const type = getNamedType(definition.type);
  const { weight, argumentWeights, sizings } = fieldModel(parent, definition, compilation);
  const coordinate = `${parent.name}.${definition.name}`;
  const slicing = { pageSize: options.pageSize, listSize: options.listSize, defaults, coordinate };
  const sizes = sizings.map((sizing): Size => {
    return { sizing, size: sizing ? slicedSize(field, sizing, slicing) : options.listSize };
  });
  const sized = [...sizedBelow(definition, sizes, options), ...deeper];
  const children =
    field.selectionSet && isCompositeType(type)
      ? costOfSet(compilation, field.selectionSet, type, sized.length > 0 ? sized : null)
      : 0;
  const costs = { model, defaults, inputObjectWeight: options.inputObjectWeight };
  const mutation = parent === compilation.schema.getMutationType() ? options.mutationWeight : 0;
  return {
    each: compilation.share(sum([weight, children])),
    entries: sizes.map(({ size }) => size).reduce((one, other) => greatest([one, other])),
    beside: sum([mutation, argumentsCost(field, definition, argumentWeights, costs)]),
  };
}

/** The lists that a field sizes below itself, each as the largest of what is said of it. */
function sizedBelow({ type }: GraphQLField<unknown, unknown>, sizes: readonly Size[], options: CostOptions): Sized {
  const pages = listLevels(type) === 0 ? sizedFieldsOf(getNamedType(type), options).map((name) => [name]) : [];
  const found = new Map<string, { readonly path: readonly string[]; readonly sizes: Expression[] }>();
  for (const { sizing, size } of sizes) {
    const written = sizing?.listSize.sizedFields ?? [];
    for (const path of sizing && written.length === 0 ? pages : written) {
      const key = path.join('.');
      const known = found.get(key);
      if (known) known.sizes.push(size);
      else found.set(key, { path, sizes: [size] });
    }
  }
  return [...found.values()].map(({ path, sizes: all }) => {
    return { path, size: greatest(all), isSometimes: all.length < sizes.length };
  });
}
