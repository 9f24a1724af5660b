import { operationFromDocument } from '@apollo/federation-internals';
import type { QueryPlan } from '@apollo/query-planner';
import {
  getOperationAST,
  GraphQLError,
  NoSchemaIntrospectionCustomRule,
  parse,
  specifiedRules,
  validate,
  type DocumentNode,
  type OperationDefinitionNode,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import type { GatewaySettings } from '../config.ts';
import { refusal } from '../errors.ts';
import { compilePlan } from '../execution/plan.ts';
import { createShaper } from '../execution/shaper.ts';
import type { Graph } from '../graph/graph.ts';
import { limitRule } from '../security/depth.ts';
import type { Operation } from './operation.ts';
import { refuseConditions } from './subscription-conditions.ts';
import { compileCoercion } from './variables.ts';

export type PrepareSettings = Pick<
  GatewaySettings,
  'isIntrospectable' | 'MAX_DEPTH' | 'MAX_INTROSPECTION_DEPTH' | 'MAX_SELECTIONS' | 'MAX_TOKENS' | 'MAX_PLANS'
>;

export interface Preparation {
  /** The operation a text holds, remembered. Throws GraphQLError or Refused where it may not run. */
  readonly prepare: (text: string, operationName: string | null) => Operation;
  /** Texts in use, the latest first: what a reload makes ready before it takes over. */
  readonly known: () => readonly { readonly text: string; readonly name: string | null }[];
}

/** Why an operation does not run, before anything of it has. */
export class Refused extends Error {
  readonly errors: readonly GraphQLError[];

  constructor(errors: readonly GraphQLError[]) {
    super(errors.map(({ message }) => message).join('; '));
    this.errors = errors;
  }
}

/** Parses, checks, plans and compiles the operations of one graph, each text once while it is in use. */
export function createPreparation(graph: Graph, settings: PrepareSettings): Preparation {
  const operations = new LRUCache<string, Operation>({ max: settings.MAX_PLANS });
  return {
    prepare: (text, operationName) => {
      const key = operationName === null ? text : `${operationName}\0${text}`;
      const known = operations.get(key);
      if (known) return known;
      const operation = prepareOperation(graph, settings, text, operationName);
      operations.set(key, operation);
      return operation;
    },
    known: () => [...operations.values()].map(({ text, name }) => ({ text, name })),
  };
}

function prepareOperation(graph: Graph, settings: PrepareSettings, text: string, name: string | null): Operation {
  const document = parseText(text, settings.MAX_TOKENS);
  check(graph, settings, document);
  const node = getOperationAST(document, name);
  if (!node) {
    const message = name === null ? 'The operation to run must be named.' : `There is no operation "${name}".`;
    throw new Refused([refusal('OPERATION_RESOLUTION_FAILURE', message, { status: 400 })]);
  }
  return compile(graph, { text, name, document, node });
}

type Checked = Pick<Operation, 'text' | 'name' | 'document' | 'node'>;

function compile(graph: Graph, checked: Checked): Operation {
  const { document, node } = checked;
  const plan = planOf(graph, document, node).node;
  const isSubscription = plan?.kind === 'Subscription';
  return {
    graph,
    ...checked,
    coerce: compileCoercion(graph.schema, document, node),
    fetchAll: compilePlan(graph.supergraphSchema, isSubscription ? plan.rest : plan),
    primary: isSubscription ? plan.primary : null,
    shape: createShaper(graph.schema, document, node),
  };
}

function planOf(graph: Graph, document: DocumentNode, { name }: OperationDefinitionNode): QueryPlan {
  const named = name ? { operationName: name.value } : {};
  return graph.planner.buildQueryPlan(operationFromDocument(graph.apiSchema, document, { ...named, validate: false }));
}

function parseText(text: string, maxTokens: number): DocumentNode {
  try {
    return parse(text, { maxTokens });
  } catch (error) {
    const message = error instanceof Error ? error.message : 'The operation cannot be read.';
    const locations =
      error instanceof GraphQLError && error.source ? { source: error.source, positions: error.positions } : {};
    const extensions = { code: 'GRAPHQL_PARSE_FAILED', http: { status: 400 } };
    throw new Refused([new GraphQLError(message, { ...locations, extensions })]);
  }
}

function check(graph: Graph, settings: PrepareSettings, document: DocumentNode): void {
  // First, because graphql's own rule for one root field throws on a condition with a variable.
  refuseConditions(document);
  const rules = settings.isIntrospectable ? specifiedRules : [...specifiedRules, NoSchemaIntrospectionCustomRule];
  const errors = validate(graph.schema, document, rules, { hideSuggestions: !settings.isIntrospectable });
  const refused = errors.length > 0 ? errors : validate(graph.schema, document, [limitRule(limitsOf(settings))]);
  if (refused.length > 0) throw new Refused(refused.map(withCode));
}

const limitsOf = (settings: PrepareSettings) => ({
  maxDepth: settings.MAX_DEPTH,
  maxIntrospectionDepth: settings.MAX_INTROSPECTION_DEPTH,
  maxSelections: settings.MAX_SELECTIONS,
});

const withCode = (error: GraphQLError): GraphQLError =>
  new GraphQLError(error.message, {
    ...(error.nodes ? { nodes: error.nodes } : {}),
    extensions: { code: 'GRAPHQL_VALIDATION_FAILED', http: { status: 400 }, ...error.extensions },
  });
