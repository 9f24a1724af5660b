import { composeServices } from '@apollo/composition';
import { type DocumentNode, parse } from 'graphql';

/** The graph that is measured: a shop whose people, goods, opinions and stocks are four subgraphs. */
export const subgraphNames = ['accounts', 'products', 'reviews', 'inventory'] as const;
export type SubgraphName = (typeof subgraphNames)[number];

const link = (...imports: string[]): string =>
  `extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: ${JSON.stringify(imports)})`;

export const typeDefs: Readonly<Record<SubgraphName, DocumentNode>> = {
  accounts: parse(`
    ${link('@key')}
    type Query { user(id: ID!): User  users(first: Int!): [User!]! }
    type User @key(fields: "id") {
      id: ID!  username: String!  name: String!  biography: String!  joinedAt: String!  address: Address!  badges: [Badge!]!
    }
    type Address { street: String!  city: String!  country: String!  postcode: String! }
    interface Badge { name: String!  awardedAt: String! }
    type CriticBadge implements Badge { name: String!  awardedAt: String!  reviews: Int! }
    type LoyaltyBadge implements Badge { name: String!  awardedAt: String!  years: Int!  tier: Tier! }
    enum Tier { BRONZE SILVER GOLD }
  `),
  products: parse(`
    ${link('@key')}
    type Query { product(id: ID!): Product  products(first: Int!): [Product!]! }
    type Product @key(fields: "id") {
      id: ID!  name: String!  description: String
      "Cents."
      price: Int!
      "Grams."
      weight: Int!
      tags: [String!]!  detail: Detail!
    }
    union Detail = Book | Device
    type Book { isbn: String!  pages: Int!  writer: String! }
    type Device { model: String!  volts: Float!  isWireless: Boolean! }
  `),
  reviews: parse(`
    ${link('@key')}
    type Query { review(id: ID!): Review }
    type Review @key(fields: "id") {
      id: ID!  title: String!  body: String!  rating: Int!  createdAt: String!  helpful: Int!  author: User!  product: Product!
    }
    type User @key(fields: "id") { id: ID!  reviews(first: Int!): [Review!]! }
    type Product @key(fields: "id") { id: ID!  averageRating: Float!  reviewCount: Int! }
  `),
  inventory: parse(`
    ${link('@key', '@external', '@requires')}
    type Product @key(fields: "id") {
      id: ID!  price: Int! @external  weight: Int! @external
      isInStock: Boolean!  warehouse: Warehouse!
      "Cents: nothing for dear goods, by weight for the others."
      shippingEstimate: Int! @requires(fields: "price weight")
    }
    type Warehouse { name: String!  city: String!  daysToShip: Int! }
  `),
};

/** Composes the four as they are served at these URLs. */
export function composeSupergraph(urlOf: (name: SubgraphName) => string): string {
  const services = subgraphNames.map((name) => ({ name, url: urlOf(name), typeDefs: typeDefs[name] }));
  const { supergraphSdl, errors } = composeServices(services);
  if (supergraphSdl === undefined) throw new Error(errors?.map(String).join('\n'));
  return supergraphSdl;
}
