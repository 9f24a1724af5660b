import { buildSubgraphSchema } from '@apollo/subgraph';
import type { GraphQLSchema } from 'graphql';
import { type SubgraphName, typeDefs } from './graph.ts';

/** Everything follows from the id, so that each run and each gateway sees the same. */
interface Reference {
  readonly id: string;
}

/** Fewer than the reviews of the wide query, so that people have products in common. */
const REVIEWED_PRODUCTS = 80;
const WORDS = 'river amber quiet signal copper meadow lantern orbit velvet harbour thistle marble'.split(' ');

const word = (seed: number): string => WORDS[seed % WORDS.length] ?? '';
const words = (seed: number, count: number): string =>
  Array.from({ length: count }, (_, index) => word(seed * 7 + index * (1 + (seed % 5)))).join(' ');
const time = (seed: number): string => new Date(Date.UTC(2024, 0, 1) + seed * 5_432_100).toISOString();
const range = (length: number): number[] => Array.from({ length }, (_, index) => index + 1);

function userOf(id: string) {
  const number = Number(id);
  const address = { street: `${number} ${word(number)} street`, city: word(number + 3), country: 'NL' };
  return {
    id,
    username: `${word(number)}${number}`,
    name: `${word(number + 1)} ${word(number + 5)}`,
    biography: words(number, 24),
    joinedAt: time(number),
    address: { ...address, postcode: `${1000 + number} AB` },
    badges: range(number % 3).map((badge) => badgeOf(number + badge)),
  };
}

function badgeOf(number: number) {
  const badge = { name: word(number), awardedAt: time(number * 3) };
  return number % 2 === 0
    ? { __typename: 'CriticBadge', ...badge, reviews: number * 4 }
    : {
        __typename: 'LoyaltyBadge',
        ...badge,
        years: number % 9,
        tier: (['BRONZE', 'SILVER', 'GOLD'] as const)[number % 3],
      };
}

function productOf(id: string) {
  const number = Number(id);
  return {
    id,
    name: words(number, 3),
    description: number % 9 === 0 ? null : words(number + 2, 14),
    price: 500 + ((number * 337) % 19_000),
    weight: 100 + ((number * 91) % 7_000),
    tags: range(1 + (number % 4)).map((tag) => word(number + tag)),
    detail:
      number % 2 === 0
        ? { __typename: 'Book', isbn: `978-${100_000 + number}`, pages: 90 + number, writer: words(number + 4, 2) }
        : {
            __typename: 'Device',
            model: `${word(number)}-${number}`,
            volts: 4.5 + number,
            isWireless: number % 3 === 0,
          },
  };
}

/** The `ordinal`-th review of a user. */
function reviewOf(userId: string, ordinal: number) {
  const number = Number(userId) * 10 + ordinal;
  return {
    id: `${userId}-${ordinal}`,
    title: words(number, 4),
    body: words(number + 1, 18),
    rating: 1 + (number % 5),
    createdAt: time(number),
    helpful: number % 40,
    author: { id: userId },
    product: { id: String(1 + ((number * 13) % REVIEWED_PRODUCTS)) },
  };
}

function stockOf(reference: Reference & { readonly price?: number; readonly weight?: number }) {
  const number = Number(reference.id);
  return {
    ...reference,
    isInStock: number % 7 !== 0,
    warehouse: { name: `${word(number)} ${number % 6}`, city: word(number + 2), daysToShip: 1 + (number % 5) },
    shippingEstimate: () => {
      const { price, weight } = reference;
      if (price === undefined || weight === undefined) throw new Error('the price and the weight were not sent along');
      return price > 10_000 ? 0 : Math.round(weight / 2);
    },
  };
}

const first = <T>(count: number, of: (id: string) => T): T[] => range(count).map((id) => of(String(id)));

const resolvers = {
  accounts: {
    Query: {
      user: (_: unknown, { id }: Reference) => userOf(id),
      users: (_: unknown, page: { first: number }) => first(page.first, userOf),
    },
    User: { __resolveReference: ({ id }: Reference) => userOf(id) },
  },
  products: {
    Query: {
      product: (_: unknown, { id }: Reference) => productOf(id),
      products: (_: unknown, page: { first: number }) => first(page.first, productOf),
    },
    Product: { __resolveReference: ({ id }: Reference) => productOf(id) },
  },
  reviews: {
    Query: {
      review: (_: unknown, { id }: Reference) => reviewOf(id.split('-')[0] ?? '', Number(id.split('-')[1])),
    },
    User: {
      __resolveReference: ({ id }: Reference) => ({ id }),
      reviews: ({ id }: Reference, page: { first: number }) =>
        range(page.first).map((ordinal) => reviewOf(id, ordinal)),
    },
    Product: {
      __resolveReference: ({ id }: Reference) => ({ id }),
      averageRating: ({ id }: Reference) => 1 + (Number(id) % 40) / 10,
      reviewCount: ({ id }: Reference) => Number(id) % 60,
    },
  },
  inventory: { Product: { __resolveReference: stockOf } },
};

export const schemaOf = (name: SubgraphName): GraphQLSchema =>
  buildSubgraphSchema([{ typeDefs: typeDefs[name], resolvers: resolvers[name] }]);
