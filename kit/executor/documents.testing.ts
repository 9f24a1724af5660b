import {
  getNamedType,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  isAbstractType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
} from 'graphql';

/** A sequence of numbers in [0, 1) that a seed decides (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface Asked {
  readonly query: string;
  readonly variables: Record<string, unknown>;
}

const VARIABLES =
  '($yes: Boolean! = true, $no: Boolean = false, $number: Int, $text: String = "of the query", $range: Range, $at: Moment, $color: Color, $id: ID)';

const valueTexts: Record<string, readonly string[]> = {
  number: ['5', '$number', 'null'],
  text: ['"said"', '$text', '"""block"""'],
  range: ['{ to: 5 }', '$range', '{ from: null, to: 2, colors: [BLUE] }', '{ to: 1, inner: { to: 2, from: $number } }'],
  at: ['"2026-11-20T12:00:00Z"', '$at', '"no moment"'],
  colors: ['[RED]', '[$color, null]', 'GREEN', '$color'],
  id: ['7', '"seven"', '$id'],
  by: ['1', '$number', 'null'],
};

const variableValues: Record<string, readonly unknown[]> = {
  yes: [true, false],
  no: [true, false, null],
  number: [1, 2.5, null, '3'],
  text: ['given', '', null, 5],
  range: [{ to: 1 }, { from: 2, to: 3, colors: ['GREEN'] }, { from: 1 }, { to: 1, more: 2 }, null],
  at: ['2026-01-01T00:00:00Z', 'never', null],
  color: ['RED', 'PINK', null],
  id: [1, 'x', {}],
};

/** One operation that the schema allows, mostly: some arguments and variables are wrong on purpose. */
export function randomOperation(
  schema: GraphQLSchema,
  seed: number,
  kind: 'query' | 'mutation' | 'subscription',
): Asked {
  const random = randomOf(seed);
  const pick = <One>(list: readonly One[]): One => list[Math.floor(random() * list.length)] as One;
  const fragments: string[] = [];

  const selectionOf = (type: GraphQLNamedType, depth: number): string => {
    const wanted = 1 + Math.floor(random() * 5);
    return `{ ${Array.from({ length: wanted }, () => partOf(type, depth)).join(' ')} }`;
  };
  const directive = (): string =>
    random() < 0.85
      ? ''
      : pick([
          '@include(if: $yes)',
          '@skip(if: $no)',
          '@skip(if: true)',
          '@include(if: false)',
          '@skip(if: $yes) @include(if: $yes)',
        ]);
  const partOf = (type: GraphQLNamedType, depth: number): string => {
    const roll = random();
    if (roll < 0.1) return `__typename ${directive()}`;
    if (roll < 0.25 && depth > 0) {
      const name = `F${fragments.length}`;
      const on = typeNear(type);
      if (random() < 0.5)
        return `... ${random() < 0.3 ? '' : `on ${on.name}`} ${directive()} ${selectionOf(on, depth - 1)}`;
      fragments.push('');
      fragments[Number(name.slice(1))] = `fragment ${name} on ${on.name} ${selectionOf(on, depth - 1)}`;
      return `...${name} ${directive()} ...${name}`;
    }
    const fields = isObjectType(type) || isInterfaceType(type) ? Object.values(type.getFields()) : [];
    const usable = fields.filter((field) => depth > 0 || !isCompositeType(getNamedType(field.type)));
    return usable.length === 0 ? '__typename' : fieldOf(pick(usable), depth);
  };
  const typeNear = (type: GraphQLNamedType): GraphQLNamedType =>
    isAbstractType(type)
      ? pick([type, ...schema.getPossibleTypes(type)])
      : pick([type, ...(isObjectType(type) ? type.getInterfaces() : [])]);
  const fieldOf = (field: GraphQLField<unknown, unknown>, depth: number): string => {
    const given = field.args
      .filter(({ name }) => name === 'text' || random() < 0.4)
      .map(({ name }) => `${name}: ${pick(valueTexts[name] ?? ['null'])}`);
    const named = getNamedType(field.type);
    // One alias for one field and its arguments, so that selections can be merged.
    const plain = given.length === 0 && field.args.length === 0;
    const alias = plain ? (random() < 0.2 ? `${field.name}Again: ` : '') : `a${Math.floor(random() * 1e6)}: `;
    return `${alias}${field.name}${given.length > 0 ? `(${given.join(', ')})` : ''} ${directive()} ${isCompositeType(named) ? selectionOf(named, depth - 1) : ''}`;
  };

  const root = {
    query: schema.getQueryType(),
    mutation: schema.getMutationType(),
    subscription: schema.getSubscriptionType(),
  }[kind];
  if (!root) throw new Error(`no ${kind}`);
  const event = root.getFields()['event'];
  const selection =
    event && kind === 'subscription'
      ? `{ event ${selectionOf(getNamedType(event.type), 4)} }`
      : selectionOf(root, kind === 'mutation' ? 3 : 5);
  const variables: Record<string, unknown> = {};
  for (const [name, values] of Object.entries(variableValues))
    if (random() < 0.4) variables[name] = pick(random() < 0.8 ? values.slice(0, 1) : values);
  return { query: [`${kind} Random${VARIABLES} ${selection}`, ...fragments].join('\n'), variables };
}
