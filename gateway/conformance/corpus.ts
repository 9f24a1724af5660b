import {
  getNamedType,
  isAbstractType,
  isCompositeType,
  isLeafType,
  isObjectType,
  isRequiredArgument,
  isUnionType,
  parse,
  validate,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
} from 'graphql';
import { below, chance, oneOf, randomOf, value, type CorpusOptions, type Draft, type Random } from './corpus-values.ts';

export interface GeneratedOperation {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

const HOSTILE = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'then',
  'id',
  'name',
  'code',
  'zone',
  'depth',
  'climate',
];

/** The operation of a seed: the same seed, schema and options make the same one, and it is always valid. */
export function generateOperation(
  schema: GraphQLSchema,
  seed: number,
  options: CorpusOptions = {},
): GeneratedOperation {
  const random = randomOf(seed);
  const full = { maxDepth: 6, maxSelections: 45, without: new Set<string>(), isHostile: false, ...options };
  for (let tries = 0; tries < 200; tries++) {
    const operation = draftOperation(schema, random, full);
    if (validate(schema, parse(operation.query)).length === 0) return operation;
  }
  throw new Error(`no valid operation for seed ${seed}`);
}

function draftOperation(schema: GraphQLSchema, random: Random, options: Required<CorpusOptions>): GeneratedOperation {
  const draft: Draft = {
    schema,
    random,
    options,
    variables: new Map(),
    fragments: new Map(),
    left: options.maxSelections,
  };
  const mutation = schema.getMutationType();
  const [kind, root] =
    mutation && chance(draft, 0.08) ? (['mutation', mutation] as const) : (['query', schema.getQueryType()] as const);
  if (!root) throw new Error('the schema has no query type');
  const body = selectionSet(draft, root, 0);
  const declared = [...draft.variables].map(([name, { type }]) => `$${name}: ${type}`).join(', ');
  const head = declared === '' ? kind : `${kind} (${declared})`;
  const fragments = [...draft.fragments].map(([name, { on, text }]) => `fragment ${name} on ${on.name} ${text}`);
  const values = [...draft.variables].flatMap(([name, { value }]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return { query: [`${head} ${body}`, ...fragments].join('\n'), variables: Object.fromEntries(values) };
}

function selectionSet(draft: Draft, type: GraphQLCompositeType, depth: number): string {
  const count = 1 + below(draft, depth === 0 ? 3 : 4);
  const selections = Array.from({ length: count }, () => selection(draft, type, depth));
  return `{ ${selections.join(' ')} }`;
}

function selection(draft: Draft, type: GraphQLCompositeType, depth: number): string {
  draft.left--;
  const roll = draft.random();
  if (depth < draft.options.maxDepth && draft.left > 0) {
    if (roll < (isAbstractType(type) ? 0.4 : 0.12)) return inlineFragment(draft, type, depth);
    if (roll < (isAbstractType(type) ? 0.55 : 0.22)) return spread(draft, type, depth);
  }
  if (roll > 0.94 || isUnionType(type)) return `${alias(draft, '__typename', '')}__typename${directives(draft)}`;
  return field(draft, type, depth);
}

function field(
  draft: Draft,
  type: Exclude<GraphQLCompositeType, { getTypes: unknown }> | GraphQLObjectType,
  depth: number,
): string {
  const isLast = depth + 1 >= draft.options.maxDepth || draft.left <= 0;
  const possible = Object.values(type.getFields()).filter(
    ({ name, type: of }) =>
      !draft.options.without.has(`${type.name}.${name}`) && (!isLast || isLeafType(getNamedType(of))),
  );
  if (possible.length === 0) return '__typename';
  const chosen = oneOf(draft, possible);
  const given = givenTo(draft, chosen);
  const inner = getNamedType(chosen.type);
  const selected = isCompositeType(inner) ? ` ${selectionSet(draft, inner, depth + 1)}` : '';
  return `${alias(draft, chosen.name, given)}${chosen.name}${given}${directives(draft)}${selected}`;
}

/** Other arguments take another name, so that selections of one object can be merged. */
function alias(draft: Draft, name: string, given: string): string {
  if (draft.options.isHostile && chance(draft, 0.2)) return `${oneOf(draft, HOSTILE)}: `;
  if (given !== '')
    return `${name}_${[...given].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 9973, 7)}: `;
  return chance(draft, 0.15) ? `${oneOf(draft, ['a', 'b'])}_${name}: ` : '';
}

function inlineFragment(draft: Draft, type: GraphQLCompositeType, depth: number): string {
  if (chance(draft, 0.25)) return `...${directives(draft)} ${selectionSet(draft, type, depth)}`;
  const on = oneOf(draft, overlapping(draft.schema, type));
  return `... on ${on.name}${directives(draft)} ${selectionSet(draft, on, depth)}`;
}

function spread(draft: Draft, type: GraphQLCompositeType, depth: number): string {
  const fitting = overlapping(draft.schema, type);
  const known = [...draft.fragments].filter(([, { on }]) => fitting.includes(on)).map(([name]) => name);
  if (known.length > 0 && chance(draft, 0.6)) return `...${oneOf(draft, known)}${directives(draft)}`;
  const on = oneOf(draft, fitting);
  const text = selectionSet(draft, on, depth);
  const name = `F${draft.fragments.size}`;
  draft.fragments.set(name, { on, text });
  return `...${name}${directives(draft)}`;
}

/** Types on which a fragment may be where this type is. */
function overlapping(schema: GraphQLSchema, type: GraphQLCompositeType): GraphQLCompositeType[] {
  const of = (one: GraphQLCompositeType) => (isObjectType(one) ? [one] : schema.getPossibleTypes(one));
  const mine = new Set(of(type));
  return Object.values(schema.getTypeMap()).filter(
    (other): other is GraphQLCompositeType =>
      isCompositeType(other) && !other.name.startsWith('__') && of(other).some((one) => mine.has(one)),
  );
}

function directives(draft: Draft): string {
  const one = (name: string) => ` @${name}(if: ${condition(draft)})`;
  const roll = draft.random();
  if (roll < 0.06) return one('skip');
  if (roll < 0.12) return one('include');
  return roll < 0.14 ? `${one('include')}${one('skip')}` : '';
}

function condition(draft: Draft): string {
  if (chance(draft, 0.2)) return String(chance(draft, 0.5));
  const name = `if${below(draft, 3)}`;
  if (!draft.variables.has(name)) {
    const [type, value] = chance(draft, 0.3)
      ? [`Boolean! = ${chance(draft, 0.5)}`, undefined]
      : ['Boolean!', chance(draft, 0.5)];
    draft.variables.set(name, { type, value });
  }
  return `$${name}`;
}

function givenTo(draft: Draft, { args }: GraphQLField<unknown, unknown>): string {
  const given = args.flatMap((one) =>
    isRequiredArgument(one) || chance(draft, 0.5) ? [`${one.name}: ${value(draft, one.type)}`] : [],
  );
  return given.length === 0 ? '' : `(${given.join(', ')})`;
}
