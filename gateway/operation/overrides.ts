import { visit, type DocumentNode } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Graph } from '../graph/graph.ts';
import { joinsOf } from '../graph/joins.ts';
import { compileOperation, type Checked, type PlanDocuments } from './compile.ts';
import type { Operation } from './operation.ts';

/** `percent(12.5)`: of so many requests in a hundred the field has moved. */
const SHARE = /^percent\((\d{1,3}(?:\.\d{1,8})?)\)$/;
/** Outcomes of an operation's draws that are kept compiled. */
const KEPT_OUTCOMES = 16;

/**
 * Compiles an operation on a graph where fields move from one subgraph to another for a share of the requests
 * (`@override(label:)`): once for each outcome of a draw that comes up. Elsewhere it is compiled, and that is all.
 * @param held Labels other than shares that hold.
 */
export async function compileDrawn(
  graph: Graph,
  checked: Omit<Checked, 'moved'>,
  planDocuments: PlanDocuments,
  held: readonly string[],
): Promise<Operation> {
  const labels = labelsIn(graph, checked.document).map((label) => ({ label, share: shareOf(label, held) }));
  const compile = (moved: readonly string[]) => compileOperation(graph, { ...checked, moved }, planDocuments);
  const drawMoved = (): readonly string[] =>
    labels.filter(({ share }) => Math.random() * 100 < share).map(({ label }) => label);
  if (labels.every(({ share }) => share <= 0 || share >= 100)) return compile(drawMoved());
  const outcomes = new LRUCache<string, Promise<Operation>>({ max: KEPT_OUTCOMES });
  const draw = (): Promise<Operation> => {
    const moved = drawMoved();
    const key = moved.join(' ');
    let outcome = outcomes.get(key);
    if (!outcome) {
      outcome = compile(moved);
      outcome.catch(() => outcomes.delete(key));
      outcomes.set(key, outcome);
    }
    return outcome;
  };
  return { ...(await draw()), draw };
}

/** Of a hundred requests, those for which a label's fields have moved. */
function shareOf(label: string, held: readonly string[]): number {
  const [, share] = SHARE.exec(label) ?? [];
  return share === undefined ? (held.includes(label) ? 100 : 0) : Number(share);
}

/** The labels that planning may come by: of fields that the document selects, or that the planner selects by itself. */
function labelsIn(graph: Graph, document: DocumentNode): readonly string[] {
  const { overrides } = joinsOf(graph.supergraphSchema);
  if (overrides.size === 0) return [];
  const selected = new Set<string>();
  visit(document, { Field: ({ name }) => void selected.add(name.value) });
  return [...overrides]
    .filter(([, fields]) => [...fields].some((field) => selected.has(field) || graph.requiredNames.has(field)))
    .map(([label]) => label);
}
