import {
  getNamedType,
  isAbstractType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  type SelectionSetNode,
} from 'graphql';
import type { ViewerAccess } from '../requirement.ts';

export const SDL = `
  type Query { open: String  mine: String @authenticated  book: Book  books: [Book!]!  items: [Item!]  found: [Found]  vault: Vault  must: Book! }
  interface Item { id: ID!  title: String  secret: String  same: Item  peers: [Item!]  price: Money }
  type Book implements Item @key(fields: "id") {
    id: ID!  title: String  secret: String @authenticated  same: Item  peers: [Item!]  price: Money
    sequel: Book  note: String @policy(policies: [["p"], ["q", "r"]])  must: String! @requiresScopes(scopes: [["a"]])  mood: Mood
  }
  type Film implements Item @key(fields: "id") {
    id: ID!  title: String  secret: String @requiresScopes(scopes: [["a"], ["b"]])  same: Item  peers: [Item!] @authenticated  price: Money
  }
  union Found = Book | Film | Vault
  type Vault @requiresScopes(scopes: [["b"]]) { id: ID!  content: String  item: Item }
  scalar Money @policy(policies: [["p"]])
  enum Mood @authenticated { GOOD BAD }
`;

type Asks = (access: ViewerAccess) => boolean;
export type Rules = Readonly<Record<string, Asks>>;
/** The SDL's rules once more, by hand: the oracle shares no code with what it judges. */
export const RULES: Rules = {
  'Query.mine': ({ isAuthenticated }) => isAuthenticated,
  'Book.secret': ({ isAuthenticated }) => isAuthenticated,
  'Book.note': ({ policies }) => policies.has('p') || (policies.has('q') && policies.has('r')),
  'Book.must': ({ scopes }) => scopes.has('a'),
  'Film.secret': ({ scopes }) => scopes.has('a') || scopes.has('b'),
  'Film.peers': ({ isAuthenticated }) => isAuthenticated,
  Vault: ({ scopes }) => scopes.has('b'),
  Money: ({ policies }) => policies.has('p'),
  Mood: ({ isAuthenticated }) => isAuthenticated,
};

/** And those that composition copies to the interface. */
export const INTERFACE_RULES: Rules = {
  'Item.secret': (access) => RULES['Book.secret']?.(access) === true && RULES['Film.secret']?.(access) === true,
  'Item.peers': ({ isAuthenticated }) => isAuthenticated,
};

export interface Judge {
  readonly schema: GraphQLSchema;
  readonly rules: Rules;
}

/** Whether a field is open to a viewer on one type: the field, its type and what it returns all permit. */
export function isOpen({ schema, rules }: Judge, coordinate: string, access: ViewerAccess): boolean {
  const [typeName = '', field = ''] = coordinate.split('.');
  const type = schema.getType(typeName);
  const returns = type && 'getFields' in type ? type.getFields()[field]?.type : undefined;
  const names = [typeName, coordinate, ...(returns ? [getNamedType(returns).name] : [])];
  return names.every((name) => rules[name]?.(access) ?? true);
}

export interface Expanded {
  /** The operation with every fragment written out where it is spread. */
  readonly expanded: DocumentNode;
  readonly refused: ReadonlySet<FieldNode>;
}

/** Judges every field of an operation where it stands, the slow way. */
export function expandedWithRefusals(judge: Judge, document: DocumentNode, access: ViewerAccess): Expanded {
  const { schema } = judge;
  const refused = new Set<FieldNode>();
  const fragment = (name: string): FragmentDefinitionNode | undefined =>
    document.definitions.find((one) => one.kind === Kind.FRAGMENT_DEFINITION && one.name.value === name) as
      FragmentDefinitionNode | undefined;
  const objects = (name: string): readonly string[] => {
    const type = schema.getType(name);
    return isAbstractType(type) ? schema.getPossibleTypes(type).map((one) => one.name) : [name];
  };
  const expand = (
    set: SelectionSetNode,
    type: string,
    possible: readonly string[],
    below: boolean,
  ): SelectionSetNode => ({
    ...set,
    selections: set.selections.map((selection) => {
      if (selection.kind !== Kind.FIELD) {
        const spread = selection.kind === Kind.FRAGMENT_SPREAD ? fragment(selection.name.value) : selection;
        const on = spread?.typeCondition?.name.value ?? type;
        const inside = possible.filter((name) => objects(on).includes(name));
        const selectionSet = expand(spread?.selectionSet ?? set, on, inside, below);
        const typeCondition = { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: on } } as const;
        return {
          kind: Kind.INLINE_FRAGMENT,
          typeCondition,
          directives: selection.directives ?? [],
          selectionSet,
        } as const;
      }
      const name = selection.name.value;
      const parent = schema.getType(type);
      const field = (isObjectType(parent) || isInterfaceType(parent)) && parent.getFields()[name];
      const isRefused =
        below || (field !== false && [type, ...possible].some((one) => !isOpen(judge, `${one}.${name}`, access)));
      const returns = field ? getNamedType(field.type).name : '';
      const node: FieldNode = selection.selectionSet
        ? { ...selection, selectionSet: expand(selection.selectionSet, returns, objects(returns), isRefused) }
        : { ...selection };
      if (isRefused) refused.add(node);
      return node;
    }),
  });
  const definitions = document.definitions.flatMap((definition) =>
    definition.kind === Kind.OPERATION_DEFINITION
      ? [{ ...definition, selectionSet: expand(definition.selectionSet, 'Query', ['Query'], false) }]
      : [],
  );
  return { expanded: { kind: Kind.DOCUMENT, definitions }, refused };
}

export type Random = () => number;

/** Mulberry32: the same numbers for the same seed. */
export function seeded(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function randomAccess(random: Random): ViewerAccess {
  const some = (names: readonly string[]) => new Set(names.filter(() => random() < 0.5));
  return { isAuthenticated: random() < 0.5, scopes: some(['a', 'b']), policies: some(['p', 'q', 'r']) };
}

const CONDITIONS = [
  '',
  '',
  '',
  '',
  ' @include(if: $yes)',
  ' @skip(if: $no)',
  ' @skip(if: false)',
  ' @include(if: false)',
];

/** An operation that is mostly valid; the caller leaves out those that are not. */
export function randomOperation(schema: GraphQLSchema, random: Random): string {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const fragments: string[] = [];
  const condition = () => pick(CONDITIONS);
  const overlapping = (type: string): string => {
    const own = schema.getType(type);
    const mine = isAbstractType(own) ? schema.getPossibleTypes(own).map(({ name }) => name) : [type];
    return pick([...mine, ...['Item', 'Found'].filter((name) => type !== 'Query' && name !== '' && mine.length > 0)]);
  };
  const set = (type: string, depth: number): string => {
    const count = 1 + Math.floor(random() * 3);
    return `{ ${Array.from({ length: count }, () => selection(type, depth)).join(' ')} }`;
  };
  const field = (type: string, depth: number): string => {
    const parent = schema.getType(type);
    const fields = isObjectType(parent) || isInterfaceType(parent) ? Object.values(parent.getFields()) : [];
    const usable = fields.filter((one) => depth > 0 || !isCompositeType(getNamedType(one.type)));
    const chosen = usable.length > 0 && random() < 0.95 ? pick(usable) : undefined;
    if (!chosen) return '__typename';
    const returns = getNamedType(chosen.type);
    const alias = random() < 0.15 ? `${pick(['title', 'secret', 'x', '__proto__'])}: ` : '';
    return `${alias}${chosen.name}${condition()}${isCompositeType(returns) ? ` ${set(returns.name, depth - 1)}` : ''}`;
  };
  const selection = (type: string, depth: number): string => {
    const kind = random();
    if (kind < 0.6 || depth <= 0) return field(type, depth);
    if (kind < 0.68) return `...${condition()} ${set(type, depth)}`;
    const on = overlapping(type);
    if (kind < 0.85) return `... on ${on}${condition()} ${set(on, depth - 1)}`;
    const known = fragments.length;
    if (known > 0 && random() < 0.4) return `...f${Math.floor(random() * known)}${condition()}`;
    const body = set(on, depth - 1);
    fragments.push(`fragment f${fragments.length} on ${on} ${body}`);
    return `...f${fragments.length - 1}${condition()}`;
  };
  const body = set('Query', 4);
  const used = ['yes', 'no'].filter((name) => `${body}${fragments.join()}`.includes(`$${name}`));
  const variables = used.length > 0 ? `(${used.map((name) => `$${name}: Boolean!`).join(', ')})` : '';
  return `query ${variables} ${body} ${fragments.join(' ')}`;
}
