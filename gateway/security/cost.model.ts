import {
  isSchema,
  Kind,
  valueFromASTUntyped,
  type ConstDirectiveNode,
  type DefinitionNode,
  type DirectiveNode,
  type DocumentNode,
  type GraphQLSchema,
} from 'graphql';

/** `@listSize` of a field. Paths may go into input objects and answers: `input.first` is `['input', 'first']`. */
export interface ListSize {
  readonly assumedSize: number | null;
  readonly slicingArguments: readonly (readonly string[])[];
  readonly sizedFields: readonly (readonly string[])[];
  readonly requireOneSlicingArgument: boolean;
}

/** What a supergraph says of costs, by coordinate: `Book`, `Book.title`, `Query.books(first:)`, `BookInput.title`. */
export interface CostModel {
  readonly weights: ReadonlyMap<string, number>;
  readonly listSizes: ReadonlyMap<string, ListSize>;
  /** Where some type or other has one of them: `title`, `books(first:)`. Elsewhere an interface need not ask its objects. */
  readonly places: ReadonlySet<string>;
}

const SPECIFICATION = /^https?:\/\/specs\.apollo\.dev\/cost(\/v[\d.]+)?\/?$/;
const LARGEST_WEIGHT = 1_000_000_000;
const models = new WeakMap<object, CostModel>();

/** Reads `@cost` and `@listSize`, by whatever names the supergraph links them. Reads each supergraph once. */
export function costModelOf(supergraph: GraphQLSchema | DocumentNode): CostModel {
  const known =
    models.get(supergraph) ?? readModel(isSchema(supergraph) ? nodesOf(supergraph) : supergraph.definitions);
  models.set(supergraph, known);
  return known;
}

interface Reading {
  readonly names: { readonly cost: string; readonly listSize: string };
  readonly weights: Map<string, number>;
  readonly listSizes: Map<string, ListSize>;
}

function readModel(definitions: readonly DefinitionNode[]): CostModel {
  const reading: Reading = { names: directiveNames(definitions), weights: new Map(), listSizes: new Map() };
  for (const definition of definitions) {
    if (!('name' in definition) || !definition.name || definition.kind === Kind.DIRECTIVE_DEFINITION) continue;
    const type = definition.name.value;
    readDirectives(type, definition.directives, reading);
    if (!('fields' in definition)) continue;
    for (const field of definition.fields ?? []) {
      const coordinate = `${type}.${field.name.value}`;
      readDirectives(coordinate, field.directives, reading);
      if (field.kind !== Kind.FIELD_DEFINITION) continue;
      for (const argument of field.arguments ?? []) {
        readDirectives(`${coordinate}(${argument.name.value}:)`, argument.directives, reading);
      }
    }
  }
  const coordinates = [...reading.weights.keys(), ...reading.listSizes.keys()];
  return { ...reading, places: new Set(coordinates.map((one) => one.slice(one.indexOf('.') + 1))) };
}

function readDirectives(coordinate: string, directives: readonly DirectiveNode[] | undefined, reading: Reading): void {
  for (const directive of directives ?? []) {
    const values = argumentsOf(directive);
    if (directive.name.value === reading.names.cost) {
      // IBM's specification writes the weight as a string.
      const weight = Number(values['weight']);
      if (Number.isFinite(weight)) reading.weights.set(coordinate, within(weight));
    }
    if (directive.name.value === reading.names.listSize) reading.listSizes.set(coordinate, listSizeOf(values));
  }
}

const within = (weight: number): number => Math.max(-LARGEST_WEIGHT, Math.min(weight, LARGEST_WEIGHT));

function listSizeOf(values: Readonly<Record<string, unknown>>): ListSize {
  const assumedSize = values['assumedSize'];
  return {
    assumedSize: typeof assumedSize === 'number' && assumedSize >= 0 ? assumedSize : null,
    slicingArguments: pathsOf(values['slicingArguments']),
    sizedFields: pathsOf(values['sizedFields']),
    requireOneSlicingArgument: values['requireOneSlicingArgument'] !== false,
  };
}

const pathsOf = (value: unknown): readonly (readonly string[])[] =>
  (Array.isArray(value) ? value : typeof value === 'string' ? [value] : []).map((path) => String(path).split('.'));

/** `@cost` and `@cost__listSize`, unless the link imports them or has another name. */
function directiveNames(definitions: readonly DefinitionNode[]): Reading['names'] {
  for (const definition of definitions) {
    if (definition.kind !== Kind.SCHEMA_DEFINITION && definition.kind !== Kind.SCHEMA_EXTENSION) continue;
    for (const directive of definition.directives ?? []) {
      const { url, feature, as, import: imports } = argumentsOf(directive);
      const link = url ?? feature;
      if (typeof link !== 'string' || !SPECIFICATION.test(link)) continue;
      const prefix = typeof as === 'string' ? as : 'cost';
      const imported = importsOf(imports);
      return {
        cost: imported.get('@cost') ?? prefix,
        listSize: imported.get('@listSize') ?? `${prefix}__listSize`,
      };
    }
  }
  return { cost: '', listSize: '' };
}

function importsOf(imports: unknown): ReadonlyMap<string, string> {
  const names = (Array.isArray(imports) ? (imports as unknown[]) : []).map((one): [string, string] => {
    if (typeof one === 'string') return [one, one.slice(1)];
    const { name = '', as = name } = (one ?? {}) as { name?: string; as?: string };
    return [name, as.slice(1)];
  });
  return new Map(names);
}

const argumentsOf = (directive: DirectiveNode | ConstDirectiveNode): Readonly<Record<string, unknown>> =>
  Object.fromEntries((directive.arguments ?? []).map(({ name, value }) => [name.value, valueFromASTUntyped(value)]));

function nodesOf(schema: GraphQLSchema): readonly DefinitionNode[] {
  const owners = [schema, ...Object.values(schema.getTypeMap())];
  return owners.flatMap(({ astNode, extensionASTNodes }) => [...(astNode ? [astNode] : []), ...extensionASTNodes]);
}
