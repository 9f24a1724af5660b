import { FieldDefinition, type DirectiveDefinition, type Schema } from '@apollo/federation-internals';
import { Kind, parse, type DocumentNode, type SelectionSetNode } from 'graphql';

/** A selection that the gateway makes for a field, unseen by clients, and hands to the field's subgraph. */
export interface HiddenSelection {
  readonly type: string;
  readonly field: string;
  readonly by: '@requires' | '@fromContext';
  /** The type it is selected on. */
  readonly on: string;
  readonly document: DocumentNode;
  readonly set: SelectionSetNode;
}

interface JoinField {
  readonly requires?: string;
  readonly contextArguments?: readonly { readonly context: string; readonly selection: string }[];
}

/** Every selection of `@requires` and `@fromContext` that a supergraph keeps in its `@join__field`. */
export function hiddenSelections(supergraph: Schema): readonly HiddenSelection[] {
  const contexts = contextTypes(supergraph);
  const joinField = specDirective(supergraph, 'join', 'field');
  return [...(joinField?.applications() ?? [])].flatMap((application) => {
    const { parent } = application;
    if (!(parent instanceof FieldDefinition)) return [];
    const { requires, contextArguments = [] } = application.arguments() as JoinField;
    const [type = '', field = ''] = parent.coordinate.split('.');
    const owner = { type, field };
    return [
      ...(requires === undefined ? [] : [{ ...owner, by: '@requires' as const, on: type, ...parsed(requires) }]),
      ...contextArguments.flatMap(({ context, selection }) =>
        (contexts.get(context) ?? []).map((on) => ({
          ...owner,
          by: '@fromContext' as const,
          on,
          ...parsed(selection),
        })),
      ),
    ];
  });
}

function contextTypes(supergraph: Schema): ReadonlyMap<string, readonly string[]> {
  const types = new Map<string, string[]>();
  for (const application of specDirective(supergraph, 'context', 'context')?.applications() ?? []) {
    const { name } = application.arguments() as { name: string };
    const { parent } = application;
    if ('name' in parent && typeof parent.name === 'string') types.set(name, [...(types.get(name) ?? []), parent.name]);
  }
  return types;
}

function specDirective(supergraph: Schema, spec: string, name: string): DirectiveDefinition | undefined {
  const feature = supergraph.coreFeatures?.getByIdentity(`https://specs.apollo.dev/${spec}`);
  return feature && supergraph.directive(feature.directiveNameInSchema(name));
}

/** A field set, with its braces or without. */
function parsed(fields: string): { readonly document: DocumentNode; readonly set: SelectionSetNode } {
  const text = fields.trim();
  const document = parse(text.startsWith('{') ? text : `{ ${text} }`, { noLocation: true });
  const operation = document.definitions[0];
  if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error(`not a field set: ${fields}`);
  return { document, set: operation.selectionSet };
}
