import type { PlanNode, SubscriptionNode } from '@apollo/query-planner';
import type { DocumentNode, OperationDefinitionNode } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { FilteredDocument } from '../authorization/filter.ts';
import { codeOf } from '../errors.ts';
import { fragmentsOf } from '../execution/collect.ts';
import type { Data } from '../execution/data.ts';
import type { ShapedPart } from '../execution/defer-part.ts';
import { compileDeferredShape } from '../execution/defer-shape.ts';
import type { Step } from '../execution/step.ts';
import { compilePlan } from '../execution/plan.ts';
import { createIntrospection, type ShapeRun } from '../execution/shaper.ts';
import type { Graph } from '../graph/graph.ts';
import { createNames } from '../operation/names.ts';
import { operationIn } from '../operation/serial.ts';
import { deferConditions, deferredDocument } from './deferred-document.ts';
import { raised } from './raised.ts';

/** An operation planned and compiled to be answered in parts. */
export interface OperationInParts {
  /** To be run in turn; what is deferred goes on meanwhile. */
  readonly steps: readonly Step[];
  readonly shape: (data: Data, run: ShapeRun) => ShapedPart;
  /** The client's name of a fragment. */
  readonly labelOf: (label: string) => string | null;
}

/** Prepares for these coerced variables; null where the answer has to come whole. */
export type PrepareInParts = (
  values: Readonly<Record<string, unknown>>,
) => OperationInParts | null | Promise<OperationInParts | null>;

export interface InPartsOptions {
  readonly graph: Graph;
  readonly document: DocumentNode;
  readonly node: OperationDefinitionNode;
  /** What its variables are named in. */
  readonly named: DocumentNode;
  /** Takes out what the viewer may not see. */
  readonly filter: (document: DocumentNode, operation: OperationDefinitionNode) => FilteredDocument;
  readonly plan: (document: DocumentNode) => Promise<readonly (PlanNode | SubscriptionNode | undefined)[]>;
}

/** Assignments of the variables in `@defer(if:)` for which an operation is kept planned. */
const KEPT = 8;

/** Null where an operation has no @defer. Planned when first asked for: most clients take everything whole. */
export function createInParts(options: InPartsOptions): PrepareInParts | null {
  const { document, node } = options;
  if (node.operation === 'subscription') return null;
  const conditions = deferConditions(document);
  if (!conditions) return null;
  const kept = new LRUCache<string, Promise<{ readonly inParts: OperationInParts | null }>>({ max: KEPT });
  return async (values) => {
    const key = JSON.stringify(conditions.map((name) => values[name] === false));
    let prepared = kept.get(key);
    if (!prepared) {
      prepared = compileInParts(options, values).then((inParts) => ({ inParts }));
      // What cannot be planned in parts is answered whole from then on.
      prepared.catch((error: unknown) => {
        if (codeOf(error) === 'PLANNER_BUSY') kept.delete(key);
        else kept.set(key, Promise.resolve({ inParts: null }));
      });
      kept.set(key, prepared);
    }
    return (await prepared).inParts;
  };
}

async function compileInParts(
  { graph, document, named, node, filter, plan }: InPartsOptions,
  values: Readonly<Record<string, unknown>>,
): Promise<OperationInParts | null> {
  const deferred = deferredDocument(document, node, values);
  if (!deferred) return null;
  const filtered = filter(deferred.document, deferred.operation);
  // Variables keep the names under which they are sent where the answer comes whole.
  const names = createNames(filtered.document ?? deferred.document, graph.requiredNames, named);
  const plans = filtered.document ? await plan(raised(names.document)) : [];
  const options = { schema: graph.schema, refusedFields: filtered.refusedFields, inData: names.inData };
  return {
    steps: plans.flatMap((one) =>
      one && one.kind !== 'Subscription' ? [compilePlan(graph.supergraphSchema, one)] : [],
    ),
    shape: createShape(options, filtered.shape, operationIn(filtered.shape, node)),
    labelOf: (label) => deferred.labels.get(label) ?? null,
  };
}

type Options = Pick<Parameters<typeof compileDeferredShape>[0], 'schema' | 'refusedFields' | 'inData'>;
const KEPT_VARIANTS = 16;
const NOTHING = {};

function createShape(
  options: Options,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): OperationInParts['shape'] {
  const fragments = fragmentsOf(document);
  const type = options.schema.getRootType(operation.operation);
  if (!type) throw new Error(`the schema has no ${operation.operation}`);
  const variants = new LRUCache<string, OperationInParts['shape']>({ max: KEPT_VARIANTS });
  return (data, run) => {
    const { conditions } = run;
    const key = JSON.stringify(Object.values(conditions));
    let shape = variants.get(key);
    if (!shape) {
      const selections = { ...options, fragments, conditions };
      const compiled = compileDeferredShape({ ...selections, isTracking: false }, type, operation.selectionSet);
      const introspect = createIntrospection(selections, type, operation);
      shape = (known, { variables }) => compiled(known, introspect?.(variables) ?? NOTHING);
      variants.set(key, shape);
    }
    return shape(data, run);
  };
}
