export const queryNames = ['a', 'b', 'c'] as const;
export type QueryName = (typeof queryNames)[number];

export interface BenchQuery {
  readonly about: string;
  /** The most that our gateway's CPU per request may be of the stock one's. */
  readonly bar: number;
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

const ONE = `query One($id: ID!) { product(id: $id) { name } }`;

const LIST = `query List($first: Int!) {
  products(first: $first) { id name price isInStock shippingEstimate }
}`;

const WIDE = `query Wide($users: Int!, $reviews: Int!) {
  users(first: $users) {
    ...Person
    badges { __typename name awardedAt ... on CriticBadge { reviews } ... on LoyaltyBadge { years level: tier } }
    recent: reviews(first: $reviews) { ...Opinion about: product { ...Goods } }
  }
}
fragment Person on User { id handle: username name biography joinedAt address { street city country postcode } }
fragment Opinion on Review { id title text: body stars: rating createdAt helpful author { id name } }
fragment Goods on Product {
  id
  name
  description
  price
  tags
  detail { __typename ... on Book { isbn pages writer } ... on Device { model volts isWireless } }
  averageRating
  reviewCount
  isInStock
  shipping: shippingEstimate
  warehouse { ...Place }
}
fragment Place on Warehouse { name city daysToShip }`;

export const queries: Readonly<Record<QueryName, BenchQuery>> = {
  a: { about: 'one field of one subgraph', bar: 0.25, query: ONE, variables: { id: '1' } },
  b: { about: '100 entities, a second hop, @requires', bar: 0.35, query: LIST, variables: { first: 100 } },
  c: {
    about: 'wide and nested over four subgraphs, about 80 kB',
    bar: 0.25,
    query: WIDE,
    variables: { users: 17, reviews: 6 },
  },
};

/** What is posted, byte for byte. */
export const bodyOf = ({ query, variables }: BenchQuery): string => JSON.stringify({ query, variables });
