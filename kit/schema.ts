import { buildSubgraphSchema, printSubgraphSchema } from '@apollo/subgraph';
import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  type ObjectTypeDefinitionNode,
  parse,
  visit,
} from 'graphql';
import type { Feature } from './feature.ts';
import { momentOf } from './moment.ts';

const FEDERATION = `
  extend schema
    @link(
      url: "https://specs.apollo.dev/federation/v2.11"
      import: [
        "@key", "@shareable", "@external", "@requires", "@provides", "@inaccessible", "@tag", "@requiresScopes"
      ]
    )

  "A moment in time, ISO 8601 in UTC."
  scalar DateTime

  "Where a page stands in its list."
  type PageInfo @shareable {
    "Whether more follows."
    hasNextPage: Boolean!
    "Whether something goes before."
    hasPreviousPage: Boolean!
    "Cursor of the first edge."
    startCursor: String
    "Cursor of the last edge."
    endCursor: String
  }

  "An expected outcome of a mutation that is not success."
  type UserError @shareable {
    "Path of the field inside \`input\`, where one is to blame."
    field: [String!]
    "What is wrong and what to do, for a person."
    message: String!
    "A stable code, for a program."
    code: String!
  }
`;

/** The subgraph that owns `Query.node` declares Node itself, without `id` (see addNodeKeys). */
const NODE = `
  "Anything with an id of its own."
  interface Node {
    "The id, which says what it names: \`post_…\`, \`user_…\`."
    id: ID!
    "The id again, for Query.node."
    nodeId: ID! @inaccessible
  }
`;

const dateTime = {
  serialize: (value: unknown): string => {
    const date = value instanceof Date ? value : new Date(String(value));
    if (Number.isNaN(date.getTime())) throw new GraphQLError('a DateTime came out of the store that is none');
    return date.toISOString();
  },
  parseValue: (value: unknown): Date => {
    const date = typeof value === 'string' ? momentOf(value) : null;
    if (date === null) {
      throw new GraphQLError('A DateTime is ISO 8601: "2026-11-20T12:00:00Z".', {
        extensions: { code: 'BAD_USER_INPUT' },
      });
    }
    return date;
  },
};

/**
 * Gives every owned type that is a Node a second key, `nodeId`. The owner of `Query.node` knows foreign types by that key
 * only, so that even a selection of `id` alone has to ask the owner, who answers null to those who may not see it.
 */
function addNodeKeys(document: DocumentNode): DocumentNode {
  const key = parse(`type T @key(fields: "nodeId") { "The id again, for Query.node." nodeId: ID! @inaccessible }`)
    .definitions[0] as ObjectTypeDefinitionNode;
  return visit(document, {
    ObjectTypeDefinition: (type) => {
      const isNode = type.interfaces?.some((one) => one.name.value === 'Node');
      const isOwned = type.fields?.some((field) => field.name.value === 'id');
      if (!isNode || !isOwned) return undefined;
      return {
        ...type,
        directives: [...(type.directives ?? []), ...(key.directives ?? [])],
        fields: [...(type.fields ?? []), ...(key.fields ?? [])],
      };
    },
  });
}

type ResolveReference = (reference: object, ...rest: unknown[]) => unknown;
type ResolverMap = Record<string, Record<string, unknown>>;

function mergeResolvers(features: readonly Feature[], document: DocumentNode): ResolverMap {
  const merged: ResolverMap = {};
  for (const feature of features) {
    for (const [type, fields] of Object.entries(feature.resolvers)) merged[type] = { ...merged[type], ...fields };
    for (const [field, { load }] of Object.entries(feature.live)) {
      const resolve = (event: unknown, args: unknown, ctx: unknown) =>
        load(ctx as never, event as never, args as never);
      merged['Subscription'] = { ...merged['Subscription'], [field]: { resolve } };
    }
  }
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION) continue;
    const name = definition.name.value;
    if (!definition.fields?.some((field) => field.name.value === 'nodeId')) continue;
    merged[name] = {
      ...merged[name],
      nodeId: (parent: { id?: string; nodeId?: string }) => parent.nodeId ?? parent.id,
    };
    const resolve = merged[name]['__resolveReference'] as ResolveReference | undefined;
    if (resolve) {
      merged[name]['__resolveReference'] = (reference: { id?: string; nodeId?: string }, ...rest: unknown[]) =>
        resolve({ ...reference, id: reference.id ?? reference.nodeId }, ...rest);
    }
  }
  for (const fields of Object.values(merged)) {
    const resolve = fields['__resolveReference'] as ResolveReference | undefined;
    // Async, so that one bad id fails its own object and not the whole list.
    if (resolve)
      fields['__resolveReference'] = async (reference: object, ...rest: unknown[]) => resolve(reference, ...rest);
  }
  return merged;
}

/** One executable subgraph schema of its features, and its SDL as composition reads it. */
export function buildSchema(features: readonly Feature[]): { schema: GraphQLSchema; sdl: string } {
  const roots = ['Query', 'Mutation', 'Subscription'] as const;
  const source = features.map((feature) => feature.typeDefs).join('\n');
  // Features extend the roots, so that each stands alone; a root exists where one of them does.
  const used = roots.filter((root) => new RegExp(`extend type ${root}\\b`).test(source));
  const document = addNodeKeys(
    parse(
      [FEDERATION, /interface Node\b/.test(source) ? '' : NODE, ...used.map((root) => `type ${root}`), source].join(
        '\n',
      ),
    ),
  );
  const resolvers = mergeResolvers(features, document);
  const schema = buildSubgraphSchema([{ typeDefs: document, resolvers: resolvers as never }]);
  const scalar = schema.getType('DateTime');
  if (scalar)
    Object.assign(scalar, dateTime, { parseLiteral: (node: { value?: unknown }) => dateTime.parseValue(node.value) });
  return { schema, sdl: printSubgraphSchema(schema) };
}
