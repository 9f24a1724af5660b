import {
  getOperationAST,
  GraphQLError,
  NoSchemaIntrospectionCustomRule,
  print,
  specifiedRules,
  validate,
  type DocumentNode,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import type { GatewaySettings } from '../config.ts';
import { codeOf, refusal } from '../errors.ts';
import type { Graph } from '../graph/graph.ts';
import type { Planner } from '../graph/planner.ts';
import type { Plugins } from '../plugins.ts';
import { deferRules } from '../incremental/rules.ts';
import { checkCost, compileCost } from '../security/cost.ts';
import { checkDocument, parseOperation } from '../security/limits.ts';
import { costOptions, operationLimits, type LimitSettings } from '../security/limits.settings.ts';
import type { PlanDocuments } from './compile.ts';
import type { Operation } from './operation.ts';
import { compileDrawn } from './overrides.ts';
import { inSpan } from '../telemetry/spans.ts';
import { refuseConditions } from './subscription-conditions.ts';

export type PrepareSettings = LimitSettings &
  Pick<
    GatewaySettings,
    | 'isIntrospectable'
    | 'COST_MODE'
    | 'MAX_COST'
    | 'MAX_DEPTH'
    | 'MAX_INTROSPECTION_DEPTH'
    | 'MAX_SELECTIONS'
    | 'MAX_TOKENS'
    | 'MAX_PLANS'
    | 'OVERRIDE_LABELS'
  >;

export interface PrepareTools {
  readonly planner: Planner;
  /** Hears of every plan, and may refuse it. */
  readonly onPlan: Plugins['plan'];
}

export interface Preparation {
  /** The operation a text holds, where it is known. */
  readonly find: (text: string, operationName: string | null) => Operation | Promise<Operation> | undefined;
  /**
   * The operation of a text that is not known. Rejects with GraphQLError or Refused where it may not run. What `isAhead` of
   * its first use is planned when nothing else waits.
   */
  readonly prepare: (text: string, operationName: string | null, isAhead?: boolean) => Promise<Operation>;
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

/** What has once taken too long to plan is refused unplanned for so long. */
const REFUSED_MILLISECONDS = 30_000;

/** Parses, checks, plans and compiles the operations of one graph, each text once while it is in use. */
export function createPreparation(graph: Graph, settings: PrepareSettings, tools: PrepareTools): Preparation {
  const operations = new LRUCache<string, Operation>({ max: settings.MAX_PLANS });
  const tooLong = new LRUCache<string, GraphQLError>({ max: 1000, ttl: REFUSED_MILLISECONDS });
  const underWay = new Map<string, Promise<Operation>>();
  return {
    find: (text, operationName) => {
      const known = operations.get(keyOf(text, operationName)) ?? named(operations.get(text), operationName);
      return known?.draw ? known.draw() : known;
    },
    prepare: (text, operationName, isAhead = false) => {
      const key = keyOf(text, operationName);
      const refused = tooLong.get(key);
      if (refused) return Promise.reject(refused);
      let begun = underWay.get(key);
      if (!begun) {
        begun = prepareOperation(graph, settings, { text, name: operationName }, planWith(tools, graph, isAhead));
        underWay.set(key, begun);
        begun
          .then(
            (operation) => operations.set(key, operation),
            (error: unknown) => codeOf(error) === 'PLAN_TIMEOUT' && tooLong.set(key, error as GraphQLError),
          )
          .finally(() => underWay.delete(key));
      }
      return begun;
    },
    known: () => [...operations.values()].map(({ text, name }) => ({ text, name })),
  };
}

/** A text's only operation is the same whether or not it is asked for by its name. */
const named = (only: Operation | undefined, name: string | null): Operation | undefined =>
  only?.node.name?.value === name ? only : undefined;

const keyOf = (text: string, operationName: string | null): string =>
  operationName === null ? text : `${operationName}\0${text}`;

async function prepareOperation(
  graph: Graph,
  settings: PrepareSettings,
  { text, name }: Pick<Operation, 'text' | 'name'>,
  planDocuments: PlanDocuments,
): Promise<Operation> {
  const document = inSpan('graphql.parse', () => parseOperation(text, operationLimits(settings)));
  inSpan('graphql.validate', () => check(graph, settings, document));
  const node = getOperationAST(document, name);
  if (!node) {
    const message = name === null ? 'The operation to run must be named.' : `There is no operation "${name}".`;
    throw new Refused([refusal('OPERATION_RESOLUTION_FAILURE', message, { status: 400 })]);
  }
  const cost = compileCost(graph, document, node, costOptions(settings));
  // Nobody need plan what is refused whatever is asked of it.
  const isFixed = !node.variableDefinitions?.length && settings.COST_MODE === 'enforce';
  const tooCostly = isFixed ? checkCost(cost(), settings.MAX_COST) : null;
  if (tooCostly) throw new Refused([tooCostly]);
  return compileDrawn(graph, { text, name, document, node, cost }, planDocuments, settings.OVERRIDE_LABELS);
}

const planWith =
  ({ planner, onPlan }: PrepareTools, graph: Graph, isAhead: boolean): PlanDocuments =>
  (documents, moved) => {
    const texts = documents.map((document) => print(document));
    return inSpan('graphql.plan', async () => {
      const plans = await planner.plan(graph, texts, isAhead, moved);
      await onPlan?.({ graph, texts, plans });
      return plans;
    });
  };

function check(graph: Graph, settings: PrepareSettings, document: DocumentNode): void {
  // Before validation, whose time some documents are made to waste.
  const overLimits = checkDocument(document, operationLimits(settings));
  if (overLimits.length > 0) throw new Refused(overLimits);
  // Before graphql's own rule for one root field, which throws on a condition with a variable.
  refuseConditions(document);
  const hiding = settings.isIntrospectable ? [] : [NoSchemaIntrospectionCustomRule];
  const rules = [...specifiedRules, ...deferRules, ...hiding];
  const options = { maxErrors: MAX_ERRORS, hideSuggestions: !settings.isIntrospectable };
  const errors = validate(graph.schema, document, rules, options);
  if (errors.length > 0) throw new Refused(errors.map(withCode));
}

/** Nobody reads more, and finding more takes time. */
const MAX_ERRORS = 20;

const withCode = (error: GraphQLError): GraphQLError =>
  new GraphQLError(error.message, {
    ...(error.nodes ? { nodes: error.nodes } : {}),
    extensions: { code: 'GRAPHQL_VALIDATION_FAILED', http: { status: 400 }, ...error.extensions },
  });
