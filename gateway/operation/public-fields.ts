import {
  getNamedType,
  isAbstractType,
  isInterfaceType,
  isObjectType,
  TypeInfo,
  visit,
  visitWithTypeInfo,
  type GraphQLCompositeType,
} from 'graphql';
import type { Graph } from '../graph/graph.ts';
import { appliedTo, argumentOf, nameInSupergraph, text, type Directed } from '../graph/composed.ts';
import type { Operation } from './operation.ts';

/** Fields whose value is the same for every viewer, declared beside the supergraph. */
export interface PublicDeclaration {
  /** Coordinates: `Post.title`, or `Post.*` for all fields of a type. */
  readonly publicFields: readonly string[];
}

/** Whether a field, selected on this type, is the same whoever asks. */
type IsPublicField = (type: GraphQLCompositeType, field: string) => boolean;

const VIEWER_DIRECTIVES = ['authenticated', 'requiresScopes', 'policy'];
const decided = new WeakMap<Graph, WeakMap<PublicDeclaration, IsPublicField>>();

/**
 * Whether the answer to an operation is the same for every viewer that may have it: all its fields are declared so, by
 * `@cacheControl(scope: PUBLIC)` on the field or its type (a field's own word is the stronger one), or in `publicFields`.
 * What nobody has declared is private, and so is whatever a directive asks viewers to be more for. Asked once per operation:
 * remember the answer.
 */
export function isPublicOperation(
  graph: Graph,
  { document, node }: Pick<Operation, 'document' | 'node'>,
  declaration: PublicDeclaration,
): boolean {
  const isPublic = fieldsOf(graph, declaration);
  const info = new TypeInfo(graph.schema);
  let isAllPublic = true;
  const visitor = visitWithTypeInfo(info, {
    OperationDefinition: (definition) => (definition === node ? undefined : false),
    Field: ({ name: { value: name } }) => {
      const parent = info.getParentType();
      // Parts of a schema are what every viewer may see of it.
      if (name.startsWith('__')) return false;
      if (parent && isPublic(parent, name)) return undefined;
      isAllPublic = false;
      return false;
    },
  });
  // Fragments that this operation does not use make it private at worst.
  visit(document, visitor);
  return isAllPublic;
}

function fieldsOf(graph: Graph, declaration: PublicDeclaration): IsPublicField {
  let byDeclaration = decided.get(graph);
  if (!byDeclaration) decided.set(graph, (byDeclaration = new WeakMap()));
  let isPublic = byDeclaration.get(declaration);
  if (!isPublic) byDeclaration.set(declaration, (isPublic = readFields(graph, declaration)));
  return isPublic;
}

function readFields({ supergraphSchema }: Graph, { publicFields }: PublicDeclaration): IsPublicField {
  const declared = new Set(publicFields);
  const cacheControl = nameInSupergraph(supergraphSchema, 'cacheControl');
  const viewerDirectives = VIEWER_DIRECTIVES.map((name) => nameInSupergraph(supergraphSchema, name));
  const asksViewer = (element: Directed): boolean =>
    viewerDirectives.some((name) => appliedTo(element, name).length > 0);
  /** True and false are somebody's word; null is nobody's. */
  const wordOf = (typeName: string, field: string): boolean | null => {
    const type = supergraphSchema.getType(typeName);
    if (!isObjectType(type) && !isInterfaceType(type)) return false;
    const definition = type.getFields()[field];
    const result = definition && getNamedType(definition.type);
    if (!definition || !result || [definition, type, result].some(asksViewer)) return false;
    const own = scopeOf(definition, cacheControl);
    if (own !== null) return own;
    if (declared.has(`${typeName}.${field}`) || declared.has(`${typeName}.*`)) return true;
    return scopeOf(type, cacheControl);
  };
  return (type, field) => {
    const word = isAbstractType(type) && !isInterfaceType(type) ? false : wordOf(type.name, field);
    if (!isInterfaceType(type) || word === false) return word === true;
    // What an interface says holds for its types, unless one of them says otherwise.
    const words = supergraphSchema.getPossibleTypes(type).map(({ name }) => wordOf(name, field));
    return words.every((each) => each !== false && (each ?? word) === true);
  };
}

/** One subgraph's PRIVATE outweighs another's PUBLIC. */
function scopeOf(element: Directed, cacheControl: string | null): boolean | null {
  const scopes = appliedTo(element, cacheControl).map((directive) => text(argumentOf(directive, 'scope')));
  if (scopes.includes('PRIVATE')) return false;
  return scopes.includes('PUBLIC') ? true : null;
}
