import type { FetchNode, PlanNode, QueryPlan, QueryPlanSelectionNode, SubscriptionNode } from '@apollo/query-planner';
import { Kind, parse, print, stripIgnoredCharacters, visit, type ArgumentNode, type FieldNode } from 'graphql';
import { selectionOf } from '../joins.ts';
import type { ArgumentField } from './argument-fields.ts';
import { nameNode } from './draft.ts';
import type { Plannable } from './plannable.ts';

type Virtual = Pick<Plannable, 'fields' | 'services'>;

/** The plan as subgraphs can be asked: where it speaks of fields and subgraphs that only the planner knows, those they stand for. */
export function realise(plan: QueryPlan, virtual: Virtual): QueryPlan {
  if (!plan.node || (virtual.fields.size === 0 && virtual.services.size === 0)) return plan;
  return { ...plan, node: realNode(plan.node, virtual) };
}

function realNode<Node extends PlanNode | SubscriptionNode>(node: Node, virtual: Virtual): Node;
function realNode(node: PlanNode | SubscriptionNode, virtual: Virtual): PlanNode | SubscriptionNode {
  const inner = <One extends PlanNode>(one: One): One => realNode(one, virtual);
  switch (node.kind) {
    case 'Fetch':
      return realFetch(node, virtual);
    case 'Sequence':
    case 'Parallel':
      return { ...node, nodes: node.nodes.map(inner) };
    case 'Flatten':
      return { ...node, node: inner(node.node) };
    case 'Condition': {
      const { ifClause, elseClause } = node;
      return {
        ...node,
        ...(ifClause && { ifClause: inner(ifClause) }),
        ...(elseClause && { elseClause: inner(elseClause) }),
      };
    }
    case 'Defer': {
      const { primary, deferred } = node;
      return {
        ...node,
        primary: primary.node ? { ...primary, node: inner(primary.node) } : primary,
        deferred: deferred.map((one) => (one.node ? { ...one, node: inner(one.node) } : one)),
      };
    }
    case 'Subscription':
      return { ...node, primary: inner(node.primary), ...(node.rest && { rest: inner(node.rest) }) };
  }
}

function realFetch(node: FetchNode, { fields, services }: Virtual): FetchNode {
  return {
    ...node,
    serviceName: services.get(node.serviceName) ?? node.serviceName,
    operation: realOperation(node.operation, fields),
    ...(node.requires && { requires: node.requires.map((one) => realSelection(one, fields)) }),
  };
}

/** An alias is where execution finds a value, the name what the subgraph calls it. */
function realSelection(
  node: QueryPlanSelectionNode,
  fields: ReadonlyMap<string, ArgumentField>,
): QueryPlanSelectionNode {
  const { selections } = node;
  const inner = selections && { selections: selections.map((one) => realSelection(one, fields)) };
  if (node.kind === 'InlineFragment') return { ...node, ...inner };
  const real = fields.get(node.name);
  return { ...node, ...inner, ...(real && { alias: node.alias ?? node.name, name: real.field }) };
}

function realOperation(operation: string, fields: ReadonlyMap<string, ArgumentField>): string {
  if (![...fields.keys()].some((name) => operation.includes(name))) return operation;
  const document = visit(parse(operation, { noLocation: true }), {
    Field: (field): FieldNode | undefined => {
      const real = fields.get(field.name.value);
      if (!real) return undefined;
      return {
        ...field,
        alias: field.alias ?? nameNode(field.name.value),
        name: nameNode(real.field),
        arguments: argumentsOf(real),
      };
    },
  });
  return stripIgnoredCharacters(print(document));
}

function argumentsOf({ field, arguments: given }: ArgumentField): readonly ArgumentNode[] {
  const [selection] = selectionOf(`${field}(${given.join(', ')})`).selections;
  return selection?.kind === Kind.FIELD ? (selection.arguments ?? []) : [];
}
