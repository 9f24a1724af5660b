import { buildOperationContext } from '@apollo/gateway';
import { operationFromDocument, Supergraph } from '@apollo/federation-internals';
import { QueryPlanner, type FetchNode, type QueryPlan } from '@apollo/query-planner';
import {
  getOperationAST,
  GraphQLError,
  Kind,
  NoSchemaIntrospectionCustomRule,
  parse,
  specifiedRules,
  validate,
  type DocumentNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionNode,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import type { GatewaySettings } from '../config.ts';
import { refusal } from '../errors.ts';
import { limitsOf } from '../execution/server.ts';
import { limitRule } from '../security/depth.ts';

/** An operation that has passed every check of its text. */
export interface CheckedOperation {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  /** Null for queries and mutations, which are planned elsewhere. */
  readonly subscription: SubscriptionPlan | null;
}

export interface SubscriptionPlan {
  /** The fetch of the root field, asked of the subgraph that owns it. */
  readonly primary: FetchNode;
  /** `primary`, then what hydrates its answer from other subgraphs. */
  readonly eventPlan: QueryPlan;
  readonly operationContext: ReturnType<typeof buildOperationContext>;
}

export interface SubscriptionPlanner {
  readonly schema: GraphQLSchema;
  readonly supergraphSchema: GraphQLSchema;
  readonly apiSchema: ReturnType<Supergraph['apiSchema']>;
  /** Checks and plans, remembered by text. Throws GraphQLError, or answers the validation errors. */
  readonly check: (query: string, operationName: string | null) => CheckedOperation | readonly GraphQLError[];
}

const REMEMBERED_OPERATIONS = 500;

/** Plans for one supergraph; a reload makes a new one. Throws where the supergraph is none. */
export function createSubscriptionPlanner(supergraphSdl: string, settings: GatewaySettings): SubscriptionPlanner {
  const supergraph = Supergraph.build(supergraphSdl);
  const apiSchema = supergraph.apiSchema();
  const schema = apiSchema.toGraphQLJSSchema();
  const planner = new QueryPlanner(supergraph, {});
  const introspectionRules = settings.isIntrospectable ? [] : [NoSchemaIntrospectionCustomRule];
  const options = { hideSuggestions: !settings.isIntrospectable };
  const known = new LRUCache<string, CheckedOperation>({ max: REMEMBERED_OPERATIONS });

  const planOf = (document: DocumentNode, operationName: string | undefined): SubscriptionPlan => {
    const { node } = planner.buildQueryPlan(operationFromDocument(apiSchema, document, namedOf(operationName)));
    if (node?.kind !== 'Subscription') throw refusal('BAD_REQUEST', 'This subscription cannot be planned.');
    const nodes = node.rest ? [node.primary, node.rest] : [node.primary];
    return {
      primary: node.primary,
      eventPlan: { kind: 'QueryPlan', node: { kind: 'Sequence', nodes } },
      operationContext: buildOperationContext({ schema, operationDocument: document, ...namedOf(operationName) }),
    };
  };

  const check = (query: string, name: string | null): CheckedOperation | readonly GraphQLError[] => {
    const key = `${name ?? ''}\0${query}`;
    const remembered = known.get(key);
    if (remembered) return remembered;
    const document = parseDocument(query, settings.MAX_TOKENS);
    // First, because graphql's own rule for one root field throws on a condition with a variable.
    for (const definition of document.definitions) {
      if (definition.kind === Kind.OPERATION_DEFINITION) refuseConditions(document, definition);
    }
    const errors = validate(schema, document, [...specifiedRules, ...introspectionRules], options);
    const refused = errors.length > 0 ? errors : validate(schema, document, [limitRule(limitsOf(settings))]);
    if (refused.length > 0) return refused.map(withCode);
    const operation = getOperationAST(document, name);
    if (!operation) throw refusal('OPERATION_RESOLUTION_FAILURE', 'The operation to run must be named.');
    const subscription = operation.operation === 'subscription' ? planOf(document, name ?? undefined) : null;
    const checked = { document, operation, subscription };
    known.set(key, checked);
    return checked;
  };
  return { schema, supergraphSchema: supergraph.schema.toGraphQLJSSchema(), apiSchema, check };
}

const namedOf = (operationName: string | undefined) => (operationName === undefined ? {} : { operationName });

function parseDocument(query: string, maxTokens: number): DocumentNode {
  try {
    return parse(query, { maxTokens });
  } catch (error) {
    throw refusal('GRAPHQL_PARSE_FAILED', error instanceof Error ? error.message : 'The operation cannot be read.');
  }
}

const withCode = (error: GraphQLError): GraphQLError =>
  new GraphQLError(error.message, {
    ...(error.nodes ? { nodes: error.nodes } : {}),
    extensions: { code: 'GRAPHQL_VALIDATION_FAILED', ...error.extensions },
  });

/** A root field that may be skipped would leave a subscription to nothing (the specification forbids it since 2023). */
function refuseConditions(document: DocumentNode, operation: OperationDefinitionNode): void {
  if (operation.operation !== 'subscription') return;
  const pending: SelectionNode[] = [...operation.selectionSet.selections];
  const seen = new Set<string>();
  for (let selection = pending.pop(); selection; selection = pending.pop()) {
    if (selection.directives?.some(({ name }) => name.value === 'skip' || name.value === 'include')) {
      throw refusal('BAD_REQUEST', 'The root field of a subscription takes neither @skip nor @include.');
    }
    if (selection.kind === Kind.INLINE_FRAGMENT) pending.push(...selection.selectionSet.selections);
    if (selection.kind !== Kind.FRAGMENT_SPREAD || seen.has(selection.name.value)) continue;
    seen.add(selection.name.value);
    for (const definition of document.definitions) {
      const isSpread = definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === selection.name.value;
      if (isSpread) pending.push(...definition.selectionSet.selections);
    }
  }
}
