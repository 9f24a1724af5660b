import {
  buildSchema,
  type GraphQLEnumType,
  type GraphQLFieldResolver,
  GraphQLError,
  getNamedType,
  getNullableType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLScalarType,
  type GraphQLSchema,
  isAbstractType,
  isEnumType,
  isListType,
  isObjectType,
} from 'graphql';
import { CodedError } from '../errors.ts';

/** One of each kind of type, at each nullability, some fields with resolvers and some without. */
const TYPES = `
  scalar Moment
  scalar Json
  enum Color { RED GREEN BLUE }
  input Range { from: Int = 1, to: Int!, colors: [Color!] = [RED], inner: Range }
  interface Thing { id: ID! name: String rating: Float kin: [Thing] same: Thing! }
  type Leaf implements Thing {
    id: ID! name: String rating: Float kin: [Thing] same: Thing!
    color: Color colors: [Color!]! moment: Moment! json: Json isOn: Boolean
    plainText: String plainNumber: Int! plainList: [Int] plainColor: Color! plainMoment: Moment
    plainMethod(by: Int = 2): String
  }
  type Branch implements Thing {
    id: ID! name: String rating: Float kin: [Thing] same: Thing!
    leaf: Leaf strictLeaf: Leaf! leaves: [Leaf!]! looseLeaves: [Leaf] matrix: [[Leaf!]] strictMatrix: [[Leaf!]!]!
    plainLeaf: Leaf plainLeaves: [Leaf!] either: Either eithers: [Either!] checked: Checked
    echo(number: Int = 3, text: String!, range: Range, at: Moment, colors: [Color], id: ID): Json
  }
  type Checked { id: ID! branch: Branch! }
  union Either = Leaf | Branch | Checked
  type Query {
    leaf: Leaf branch: Branch strictBranch: Branch! branches: [Branch] strictBranches: [Branch!]!
    thing: Thing things: [Thing!] either: Either checked: Checked
    echo(number: Int = 3, text: String!, range: Range, at: Moment, colors: [Color], id: ID): Json
  }
  type Mutation { first: Leaf second: Leaf! third: Branch note(text: String!): [String!]! }
  type Subscription { event: Branch number: Int }
`;

export interface Source {
  readonly kind: string;
  readonly key: string;
}

/** FNV-1a, spread once more: an even number from 0 to 2^32 for a text. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}

/** Answers `work` after some microtasks, or at once. */
function after(ticks: number, work: () => unknown): unknown {
  if (ticks === 0) return work();
  let promise: Promise<unknown> = Promise.resolve();
  for (let tick = 1; tick < ticks; tick++) promise = promise.then(() => undefined);
  return promise.then(work);
}

const failures = [
  () => new Error('it broke'),
  () => new CodedError('NOT_FOUND', 'It is not there.'),
  () => new GraphQLError('said by GraphQL', { extensions: { code: 'OWN' } }),
  () => 'no error at all',
];

/** How a field behaves depends on its key alone, so that two executors see the same. */
function answerOf(schema: GraphQLSchema, type: GraphQLOutputType, key: string, context: Behaviour): unknown {
  const roll = hashOf(`${context.seed}:${key}`);
  const chance = (roll % 1000) / 1000;
  const ticks = (roll >>> 12) % 3 === 0 ? 0 : (roll >>> 16) % context.maxTicks;
  if (chance < context.failing) {
    const failure = failures[(roll >>> 20) % failures.length]?.();
    const isReturned = failure instanceof Error && (roll >>> 8) % 3 === 0;
    return after(ticks, () => {
      if (isReturned) return failure;
      // eslint-disable-next-line @typescript-eslint/only-throw-error -- what resolvers must not do, they do
      throw failure;
    });
  }
  if (chance < context.failing * 1.6) return after(ticks, () => ((roll >>> 9) % 2 ? null : undefined));
  return after(ticks, () => valueOf(schema, type, key, roll, context));
}

function valueOf(
  schema: GraphQLSchema,
  declared: GraphQLOutputType,
  key: string,
  roll: number,
  context: Behaviour,
): unknown {
  const type = getNullableType(declared);
  if (isListType(type)) {
    if (roll % 41 === 0) return 'no list';
    const items = Array.from({ length: (roll >>> 5) % 4 }, (_, index) =>
      answerOf(schema, type.ofType, `${key}.${index}`, {
        ...context,
        failing: context.failing / 3,
      }),
    );
    return roll % 3 === 0 ? new Set(items) : items;
  }
  if (isAbstractType(type)) {
    const kinds = schema.getPossibleTypes(type).map(({ name }) => name);
    return sourceOf(schema, roll % 37 === 0 ? 'Query' : (kinds[roll % kinds.length] ?? ''), key, context);
  }
  if (isObjectType(type)) return sourceOf(schema, type.name, key, context);
  if (isEnumType(type)) return roll % 29 === 0 ? 'no color' : type.getValues()[roll % 3]?.value;
  return scalars[type.name]?.(roll);
}

const scalars: Record<string, (roll: number) => unknown> = {
  ID: (roll) => (roll % 2 ? `id${roll}` : roll % 1000),
  String: (roll) => [`text ${roll}`, roll, true, { no: 'text' }, ''][roll % 5],
  Int: (roll) => [roll % 100, 2 ** 40, '12', -0, 1.5][roll % 5],
  Float: (roll) => [roll / 7, '1.5', Number.NaN, 3][roll % 4],
  Boolean: (roll) => [true, false, 1, 'yes'][roll % 4],
  Moment: (roll) => (roll % 11 === 0 ? 'never' : new Date(roll)),
  Json: (roll) => [{ deep: [1, { then: 'not a promise' }] }, [1, 2], 'text', 0][roll % 4],
};

/** An object with its properties, some of them promises, for the fields that have no resolver. */
function sourceOf(schema: GraphQLSchema, kind: string, key: string, context: Behaviour): Source {
  const source: Record<string, unknown> = { kind, key };
  const type = schema.getType(kind);
  if (!isObjectType(type)) return { kind, key };
  for (const { name, type: fieldType } of Object.values(type.getFields())) {
    if (!name.startsWith('plain')) continue;
    if (getNamedType(fieldType).name === 'Leaf' && key.length > 120) continue;
    if (name === 'plainMethod') source[name] = ({ by }: { by: number }) => `${key} by ${by}`;
    else
      Object.defineProperty(source, name, {
        enumerable: true,
        get: () => answerOf(schema, fieldType, `${key}.${name}`, context),
      });
  }
  return source as unknown as Source;
}

/** What a run of both executors shares. */
export interface Behaviour {
  readonly seed: number;
  /** Part of all fields that fail; a little more than half as many again are null. */
  readonly failing: number;
  readonly maxTicks: number;
  /** Mutations note here when they start and end. */
  readonly log?: string[];
}

export function testSchema(): GraphQLSchema {
  const schema = buildSchema(TYPES);
  setLeaves(schema);
  const resolve: GraphQLFieldResolver<Source | undefined, Behaviour> = (source, args, context, info) =>
    answerOf(schema, info.returnType, `${source?.key ?? ''}.${info.fieldName}${JSON.stringify(args)}`, context);
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) {
      if (field.name === 'echo') field.resolve = (_, args) => args;
      else if (field.name === 'id') field.resolve = (source: Source) => source.key;
      else if (!field.name.startsWith('plain')) field.resolve = resolve as GraphQLFieldResolver<unknown, unknown>;
    }
  }
  setAbstract(schema);
  const mutation = schema.getMutationType()?.getFields() ?? {};
  for (const field of Object.values(mutation)) {
    field.resolve = (_, args, context: Behaviour, info) => {
      context.log?.push(info.fieldName);
      return resolve(undefined, args as object, context, info);
    };
  }
  return schema;
}

function setLeaves(schema: GraphQLSchema): void {
  const moment = schema.getType('Moment') as GraphQLScalarType;
  moment.serialize = (value) => {
    if (!(value instanceof Date)) throw new Error('no moment');
    return value.getTime() % 5 === 0 ? null : value.toISOString();
  };
  moment.parseValue = (value) => {
    const date = new Date(String(value));
    if (Number.isNaN(date.getTime())) throw new GraphQLError('A moment is ISO 8601.', { extensions: { code: 'BAD' } });
    return date;
  };
  const values = ['r', { internal: 'green' }, 3];
  const color = schema.getType('Color') as GraphQLEnumType;
  const lookup = new Map(values.map((value, index) => [value, color.getValues()[index]]));
  color.getValues().forEach((one, index) => (one.value = values[index]));
  Object.assign(color, { _valueLookup: lookup });
}

/** Thing names its types itself, Either leaves it to `__typename` and `isTypeOf`; each sometimes with a promise. */
function setAbstract(schema: GraphQLSchema): void {
  const thing = schema.getType('Thing');
  if (isAbstractType(thing)) {
    thing.resolveType = ({ kind, key }: Source) => {
      const roll = hashOf(key);
      if (roll % 31 === 0) throw new Error('of no type');
      return roll % 3 === 0 ? Promise.resolve(roll % 43 === 0 ? 'Nothing' : kind) : kind;
    };
  }
  for (const name of ['Leaf', 'Branch', 'Checked']) {
    const type = schema.getType(name) as GraphQLObjectType;
    type.isTypeOf = (source: Source) => {
      const is = source.kind === name && hashOf(source.key) % 47 !== 0;
      return hashOf(`${name}${source.key}`) % 4 === 0 ? Promise.resolve(is) : is;
    };
  }
}
