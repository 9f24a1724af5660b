import {
  type FieldNode,
  type FragmentDefinitionNode,
  getDirectiveValues,
  GraphQLIncludeDirective,
  type GraphQLObjectType,
  type GraphQLSchema,
  GraphQLSkipDirective,
  type InlineFragmentNode,
  isAbstractType,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

export interface CollectOptions {
  readonly schema: GraphQLSchema;
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;
  /** Values of the variables that `@skip` and `@include` ask for. */
  readonly conditions: Readonly<Record<string, boolean>>;
}

type Collected = Map<string, [FieldNode, ...FieldNode[]]>;

/** CollectFields of the specification (6.3.2): the fields asked of a type, by response name, in the order of the answer. */
export function collectFields(
  options: CollectOptions,
  type: GraphQLObjectType,
  sets: readonly SelectionSetNode[],
): Collected {
  const collected: Collected = new Map();
  const visited = new Set<string>();
  for (const { selections } of sets) collectInto(collected, visited, options, type, selections);
  return collected;
}

function collectInto(
  collected: Collected,
  visited: Set<string>,
  options: CollectOptions,
  type: GraphQLObjectType,
  selections: readonly SelectionNode[],
): void {
  for (const selection of selections) {
    if (!isIncluded(options, selection)) continue;
    if (selection.kind === Kind.FIELD) {
      const name = (selection.alias ?? selection.name).value;
      const nodes = collected.get(name);
      if (nodes) nodes.push(selection);
      else collected.set(name, [selection]);
      continue;
    }
    const fragment =
      selection.kind === Kind.INLINE_FRAGMENT ? selection : spreadOf(options, selection.name.value, visited);
    if (fragment && isAbout(options.schema, fragment, type))
      collectInto(collected, visited, options, type, fragment.selectionSet.selections);
  }
}

/** A fragment counts once per object, however often it is spread. */
function spreadOf(
  { fragments }: CollectOptions,
  name: string,
  visited: Set<string>,
): FragmentDefinitionNode | undefined {
  if (visited.has(name)) return undefined;
  visited.add(name);
  return fragments[name];
}

const isIncluded = ({ conditions }: CollectOptions, node: SelectionNode): boolean =>
  getDirectiveValues(GraphQLSkipDirective, node, conditions)?.['if'] !== true &&
  getDirectiveValues(GraphQLIncludeDirective, node, conditions)?.['if'] !== false;

function isAbout(
  schema: GraphQLSchema,
  { typeCondition }: FragmentDefinitionNode | InlineFragmentNode,
  type: GraphQLObjectType,
): boolean {
  if (!typeCondition) return true;
  const condition = schema.getType(typeCondition.name.value);
  return condition === type || (isAbstractType(condition) && schema.isSubType(condition, type));
}
