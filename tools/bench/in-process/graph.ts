import { composeServices } from '@apollo/composition';
import { type DocumentNode, parse } from 'graphql';

/** The part of the product's graph that its feed touches, in the same four subgraphs. */
export const subgraphNames = ['content', 'users', 'engagement', 'insights'] as const;
export type SubgraphName = (typeof subgraphNames)[number];

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.11", import: ["@key", "@shareable"])
  scalar DateTime
  type PageInfo @shareable { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }`;

export const typeDefs: Readonly<Record<SubgraphName, DocumentNode>> = {
  content: parse(`${LINK}
    type Query { posts(first: Int, filter: PostFilter): PostConnection! }
    input PostFilter { communityId: ID }
    type PostConnection { edges: [PostEdge!]! pageInfo: PageInfo! }
    type PostEdge { cursor: String! node: Post! }
    type Post @key(fields: "id") { id: ID! title: String! excerpt: String! publishedAt: DateTime author: User! }
    type User @key(fields: "id", resolvable: false) { id: ID! }
  `),
  users: parse(`${LINK}
    type Query { user(id: ID!): User }
    type User @key(fields: "id") { id: ID! username: String! name: String! }
  `),
  engagement: parse(`${LINK}
    type Query { comment(id: ID!): Comment }
    type Post @key(fields: "id") {
      id: ID! counts: PostCounts viewerVote: VoteValue comments(first: Int): CommentConnection
    }
    type PostCounts { up: Int! down: Int! score: Int! comments: Int! bookmarks: Int! }
    enum VoteValue { UP DOWN }
    type CommentConnection { edges: [CommentEdge!]! pageInfo: PageInfo! }
    type CommentEdge { cursor: String! node: Comment! }
    type Comment @key(fields: "id") { id: ID! html: String createdAt: DateTime! author: User }
    type User @key(fields: "id", resolvable: false) { id: ID! }
  `),
  insights: parse(`${LINK}
    type Query { moods: [SentimentLabel!]! }
    type Post @key(fields: "id") { id: ID! sentiment: Sentiment }
    type Sentiment { score: Float! label: SentimentLabel! confidence: Float! }
    enum SentimentLabel { POSITIVE NEUTRAL NEGATIVE }
  `),
};

/** Throws where the parts do not fit. */
export function composeSupergraph(urlOf: (name: SubgraphName) => string): string {
  const services = subgraphNames.map((name) => ({ name, url: urlOf(name), typeDefs: typeDefs[name] }));
  const { supergraphSdl, errors } = composeServices(services);
  if (!supergraphSdl) throw new Error(errors?.map(String).join('\n'));
  return supergraphSdl;
}
