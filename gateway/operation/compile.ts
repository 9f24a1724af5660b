import type { QueryPlan } from '@apollo/query-planner';
import type { DocumentNode, FieldNode, OperationDefinitionNode } from 'graphql';
import { LRUCache } from 'lru-cache';
import { isShared } from '../authorization/access.ts';
import type { Filtered, OperationAuthorization } from '../authorization/authorization.ts';
import type { FilteredDocument } from '../authorization/filter.ts';
import type { ViewerAccess } from '../authorization/requirement.ts';
import { compilePlan, inSequence } from '../execution/plan.ts';
import { createShaper } from '../execution/shaper.ts';
import type { Graph } from '../graph/graph.ts';
import { withoutDefer } from '../incremental/deferred-document.ts';
import { createInParts } from '../incremental/in-parts.ts';
import { anchored } from './anchored.ts';
import { createNames } from './names.ts';
import type { Operation } from './operation.ts';
import { mergeInRow, operationIn, serialDocuments } from './serial.ts';
import { refusingUnplanned } from './unplanned.ts';
import { compileCoercion } from './variables.ts';

/** What is known of an operation once it has been checked. */
export type Checked = Pick<Operation, 'text' | 'name' | 'document' | 'node' | 'cost' | 'moved'>;

/**
 * Plans documents that hold one operation each: the parts of one, in one stretch of time.
 * @param moved Labels of progressive overrides that hold.
 */
export type PlanDocuments = (
  documents: readonly DocumentNode[],
  moved: readonly string[],
) => Promise<readonly QueryPlan[]>;

/** Plans and compiles an operation that has passed every check. */
export async function compileOperation(
  graph: Graph,
  checked: Checked,
  planDocuments: PlanDocuments,
): Promise<Operation> {
  const { document, node } = checked;
  const authorization = graph.authorization?.analyse(document, node) ?? null;
  const whole = await compilePart(graph, checked, planDocuments, {
    ...nothingRefused(document),
    filter: nothingRefused,
  });
  if (!authorization) return whole;
  return { ...whole, restricted: createRestriction(graph, checked, planDocuments, { whole, authorization }) };
}

interface Part extends Filtered {
  /** The same, of the operation written in another way. */
  readonly filter: (document: DocumentNode, operation: OperationDefinitionNode) => FilteredDocument;
}

const NO_FIELDS: ReadonlySet<FieldNode> = new Set();
const nothingRefused = (document: DocumentNode): Filtered => ({
  document,
  shape: document,
  refused: [],
  refusedFields: NO_FIELDS,
  key: '',
});

const filterFor =
  ({ authorization }: Graph, access: ViewerAccess): Part['filter'] =>
  (document, operation) =>
    authorization?.analyse(document, operation)?.filter(access) ?? nothingRefused(document);

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
  const unrestricted = new WeakSet<ViewerAccess>();
  return {
    policies: authorization.policies,
    to: (access) => {
      if (unrestricted.has(access)) return whole;
      const key = authorization.keyFor(access);
      if (key === '') {
        if (isShared(access)) unrestricted.add(access);
        return whole;
      }
      let part = parts.get(key);
      if (!part) {
        const filtered = { ...authorization.filter(access), filter: filterFor(graph, access) };
        part = compilePart(graph, checked, planDocuments, filtered);
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
  const { node, moved } = checked;
  const named = part.document ?? checked.document;
  const names = createNames(withoutDefer(named), graph.requiredNames);
  const plan = async (document: DocumentNode) =>
    mergeInRow(
      (await planDocuments(serialDocuments(anchored(document, graph), node), moved)).map((planned) => planned.node),
    );
  const plans = part.document ? await plan(names.document) : [];
  const coerce = compileCoercion(graph.schema, checked.document, node, names);
  const [first] = plans;
  const primary = first?.kind === 'Subscription' ? first.primary : null;
  const steps = plans.map((plan) =>
    compilePlan(graph.supergraphSchema, plan?.kind === 'Subscription' ? plan.rest : plan),
  );
  return {
    graph,
    ...checked,
    coerce: part.document ? refusingUnplanned(coerce, graph.schema, names, node, plans) : coerce,
    fetchAll: inSequence(steps),
    primary,
    names,
    restricted: null,
    inParts: createInParts({ graph, document: checked.document, named, node, filter: part.filter, plan }),
    refused: part.refused,
    rightsKey: part.key,
    draw: null,
    shape: createShaper(graph.schema, {
      document: part.shape,
      operation: operationIn(part.shape, node),
      inData: names.inData,
      refusedFields: part.refusedFields,
    }),
  };
}
