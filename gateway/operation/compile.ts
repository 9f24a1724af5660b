import type { QueryPlan } from '@apollo/query-planner';
import { Kind, type DocumentNode, type FieldNode, type OperationDefinitionNode } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Filtered, OperationAuthorization } from '../authorization/authorization.ts';
import { compilePlan, inSequence } from '../execution/plan.ts';
import { createShaper } from '../execution/shaper.ts';
import type { Graph } from '../graph/graph.ts';
import { createNames } from './names.ts';
import type { Operation } from './operation.ts';
import { mergeInRow, serialOperations } from './serial.ts';
import { compileCoercion } from './variables.ts';

/** What is known of an operation once it has been checked. */
export type Checked = Pick<Operation, 'text' | 'name' | 'document' | 'node' | 'cost'>;

/** Plans documents that hold one operation each: the parts of one, in one stretch of time. */
export type PlanDocuments = (documents: readonly DocumentNode[]) => Promise<readonly QueryPlan[]>;

/** Plans and compiles an operation that has passed every check. */
export async function compileOperation(
  graph: Graph,
  checked: Checked,
  planDocuments: PlanDocuments,
): Promise<Operation> {
  const { document, node } = checked;
  const authorization = graph.authorization?.analyse(document, node) ?? null;
  const whole = await compilePart(graph, checked, planDocuments, { document, shape: document, ...NOTHING_REFUSED });
  if (!authorization) return whole;
  return { ...whole, restricted: createRestriction(graph, checked, planDocuments, { whole, authorization }) };
}

type Part = Pick<Filtered, 'document' | 'shape' | 'refused' | 'refusedFields' | 'key'>;
const NOTHING_REFUSED = { refused: [], refusedFields: new Set<FieldNode>(), key: '' };
/** Parts of one operation that are kept compiled: one for each set of rights that comes up. */
const KEPT_PARTS = 32;

interface Restricting {
  readonly whole: Operation;
  readonly authorization: OperationAuthorization;
}

/** What a viewer's rights leave of an operation: planned without what they may not see, so that nobody is asked for it. */
function createRestriction(
  graph: Graph,
  checked: Checked,
  planDocuments: PlanDocuments,
  { whole, authorization }: Restricting,
): NonNullable<Operation['restricted']> {
  const parts = new LRUCache<string, Promise<Operation>>({ max: KEPT_PARTS });
  return {
    policies: authorization.policies,
    to: (access) => {
      const key = authorization.keyFor(access);
      if (key === '') return whole;
      let part = parts.get(key);
      if (!part) {
        part = compilePart(graph, checked, planDocuments, authorization.filter(access));
        part.catch(() => parts.delete(key));
        parts.set(key, part);
      }
      return part;
    },
  };
}

async function compilePart(
  graph: Graph,
  checked: Checked,
  planDocuments: PlanDocuments,
  part: Part,
): Promise<Operation> {
  const names = createNames(part.document ?? checked.document, graph.requiredNames);
  const parts = part.document ? serialParts(names.document, checked.node) : [];
  const plans = mergeInRow((await planDocuments(parts)).map(({ node }) => node));
  const [first] = plans;
  const primary = first?.kind === 'Subscription' ? first.primary : null;
  const steps = plans.map((plan) =>
    compilePlan(graph.supergraphSchema, plan?.kind === 'Subscription' ? plan.rest : plan),
  );
  return {
    graph,
    ...checked,
    coerce: compileCoercion(graph.schema, checked.document, checked.node, names),
    fetchAll: inSequence(steps),
    primary,
    names,
    restricted: null,
    refused: part.refused,
    rightsKey: part.key,
    shape: createShaper(graph.schema, {
      document: part.shape,
      operation: operationIn(part.shape, checked.node),
      inData: names.inData,
      refusedFields: part.refusedFields,
    }),
  };
}

function operationIn(document: DocumentNode, original: OperationDefinitionNode): OperationDefinitionNode {
  const found = document.definitions.find(
    (definition): definition is OperationDefinitionNode =>
      definition.kind === Kind.OPERATION_DEFINITION && definition.name?.value === original.name?.value,
  );
  return found ?? original;
}

/** The operation to run, in the parts in which it is planned, each with the fragments of the document. */
function serialParts(document: DocumentNode, original: OperationDefinitionNode): readonly DocumentNode[] {
  const fragments = document.definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION);
  return serialOperations(document, operationIn(document, original)).map((part) => ({
    kind: Kind.DOCUMENT,
    definitions: [part, ...fragments],
  }));
}
