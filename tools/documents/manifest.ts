import {
  Kind,
  parse,
  print,
  validate,
  visit,
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import { MANIFEST_FORMAT, type ListedOperation } from 'gateway/documents/manifest';
import { canonicalText, fragmentsReached, sha256 } from 'gateway/documents/normal-form';
import type { Piece } from './files.ts';
import { DocumentProblem } from './problem.ts';

export interface Manifest {
  readonly format: typeof MANIFEST_FORMAT;
  readonly version: 1;
  readonly operations: readonly ListedOperation[];
}

export interface ManifestOptions {
  /** Ask for `__typename` in every object, as Apollo Client does, so that ids are those of what it sends. */
  readonly withTypenames?: boolean;
  /** Checks each operation where it is given. */
  readonly schema?: GraphQLSchema | undefined;
}

interface Defined<Node> {
  readonly node: Node;
  readonly place: string;
}

/** The operations of all pieces, each with the fragments it needs, by name. Throws DocumentProblem with all that is wrong. */
export function manifestOf(
  pieces: readonly Piece[],
  { withTypenames = false, schema }: ManifestOptions = {},
): Manifest {
  const problems: string[] = [];
  const operations = new Map<string, Defined<OperationDefinitionNode>>();
  const fragments = new Map<string, Defined<FragmentDefinitionNode>>();
  for (const piece of pieces) {
    for (const node of definitionsIn(piece, problems)) {
      if (node.kind === Kind.OPERATION_DEFINITION) define(operations, node, piece.place, problems);
      else if (node.kind === Kind.FRAGMENT_DEFINITION) define(fragments, node, piece.place, problems);
    }
  }
  const known: DocumentNode = { kind: Kind.DOCUMENT, definitions: [...fragments.values()].map(({ node }) => node) };
  const listed = [...operations].map(([name, { node, place }]): ListedOperation => {
    problems.push(
      ...missingFragments(known, node).map((missing) => `${place}: ${name} uses ${missing}, which is nowhere`),
    );
    const marked = withTypenames ? [addTypenames(known), addTypenames(node)] as const : [known, node] as const; // prettier-ignore
    const body = canonicalText(...marked);
    if (schema) problems.push(...validate(schema, parse(body)).map(({ message }) => `${place}: ${name}: ${message}`));
    return { id: sha256(body), name, type: node.operation, body };
  });
  if (problems.length > 0) throw new DocumentProblem(problems);
  listed.sort((one, other) => (one.name < other.name ? -1 : 1));
  return { format: MANIFEST_FORMAT, version: 1, operations: listed };
}

function definitionsIn({ text, place }: Piece, problems: string[]): DocumentNode['definitions'] {
  try {
    return parse(text, { noLocation: true }).definitions;
  } catch (error) {
    problems.push(`${place}: ${error instanceof Error ? error.message : String(error)}`);
    return [];
  }
}

/** Notes a definition under its name: the same one in two places is one, two of one name are a conflict. */
function define<Node extends OperationDefinitionNode | FragmentDefinitionNode>(
  known: Map<string, Defined<Node>>,
  node: Node,
  place: string,
  problems: string[],
): void {
  const name = node.name?.value;
  if (name === undefined) {
    problems.push(`${place}: an operation without a name cannot be listed`);
    return;
  }
  const earlier = known.get(name);
  if (!earlier) known.set(name, { node, place });
  else if (print(earlier.node) !== print(node)) {
    problems.push(`${place}: ${name} is something else in ${earlier.place}; give one of them another name`);
  }
}

function missingFragments(known: DocumentNode, operation: OperationDefinitionNode): string[] {
  const missing = new Set<string>();
  const names = new Set(known.definitions.map((definition) => ('name' in definition ? definition.name?.value : '')));
  for (const node of [operation, ...fragmentsReached(known, operation)]) {
    visit(node, { FragmentSpread: ({ name }) => void (names.has(name.value) || missing.add(name.value)) });
  }
  return [...missing];
}

/** As Apollo Client's `addTypenameToDocument`: last in every set but an operation's own, unless it is there. */
function addTypenames<Node extends DocumentNode | OperationDefinitionNode>(document: Node): Node {
  const typename = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } } as const;
  return visit<Node>(document, {
    SelectionSet: (set, _key, parent) => {
      const isOperation = parent && 'kind' in parent && parent.kind === Kind.OPERATION_DEFINITION;
      const isThere = set.selections.some(
        (selection) => selection.kind === Kind.FIELD && selection.name.value.startsWith('__'),
      );
      return isOperation || isThere ? undefined : { ...set, selections: [...set.selections, typename] };
    },
  });
}
