import { composeServices } from '@apollo/composition';
import { ROUTER_SUPPORTED_SUPERGRAPH_FEATURES, Supergraph, type Schema } from '@apollo/federation-internals';
import {
  getOperationAST,
  parse,
  print,
  validate,
  type DocumentNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import { createAuthorization, type Authorization, type Filtered } from '../authorization.ts';
import { errorsFor } from '../refusals.ts';
import type { ViewerAccess } from '../requirement.ts';

export interface TestGraph {
  readonly supergraph: Schema;
  readonly schema: GraphQLSchema;
  readonly authorization: Authorization | null;
}

const IMPORTS =
  '"@key", "@shareable", "@requires", "@external", "@interfaceObject", "@context", "@fromContext", "@inaccessible"';
const DIRECTIVES = '"@authenticated", "@requiresScopes", "@policy"';

/** Federation's @link before a subgraph's SDL. */
export const linked = (sdl: string, directives = DIRECTIVES): string =>
  `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [${IMPORTS}, ${directives}])\n${sdl}`;

/** The supergraph of subgraphs. Throws what composition finds. */
export function composed(...subgraphs: readonly string[]): string {
  const { supergraphSdl, errors } = composeServices(
    subgraphs.map((sdl, index) => ({ name: `s${index}`, url: `http://s${index}/`, typeDefs: parse(sdl) })),
  );
  if (!supergraphSdl) throw new Error(errors?.map(({ message }) => message).join('\n'));
  return supergraphSdl;
}

export const supergraphOf = (sdl: string): Schema =>
  Supergraph.build(sdl, { supportedFeatures: ROUTER_SUPPORTED_SUPERGRAPH_FEATURES }).schema;

export function graphOf(supergraphSdl: string): TestGraph {
  const built = Supergraph.build(supergraphSdl, { supportedFeatures: ROUTER_SUPPORTED_SUPERGRAPH_FEATURES });
  const schema = built.apiSchema().toGraphQLJSSchema();
  return { supergraph: built.schema, schema, authorization: createAuthorization(built.schema, schema) };
}

export const anonymous: ViewerAccess = { isAuthenticated: false, scopes: new Set(), policies: new Set() };
export const signedIn: ViewerAccess = { ...anonymous, isAuthenticated: true };
export const withScopes = (...scopes: string[]): ViewerAccess => ({ ...signedIn, scopes: new Set(scopes) });
export const withPolicies = (...policies: string[]): ViewerAccess => ({ ...signedIn, policies: new Set(policies) });

export interface Parsed {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
}

/** A valid document and its (only, or named) operation. */
export function parsed({ schema }: TestGraph, text: string, name?: string): Parsed {
  const document = parse(text);
  const errors = validate(schema, document);
  if (errors.length > 0) throw new Error(errors.join('\n'));
  const operation = getOperationAST(document, name);
  if (!operation) throw new Error('no such operation');
  return { document, operation };
}

export interface Answer {
  /** The filtered operation on one line, without what it is called; null where nothing is left. */
  readonly left: string | null;
  /** Errors, as `path: coordinate`. */
  readonly refused: readonly string[];
  readonly filtered: Filtered | null;
}

/** What is left of an operation for a viewer. What is left is validated too. */
export function filterFor(
  graph: TestGraph,
  access: ViewerAccess,
  text: string,
  { name, variables = {} }: { readonly name?: string; readonly variables?: Record<string, unknown> } = {},
): Answer {
  const { document, operation } = parsed(graph, text, name);
  const filtered = graph.authorization?.analyse(document, operation)?.filter(access) ?? null;
  const left = filtered ? filtered.document : document;
  if (left) {
    const errors = validate(graph.schema, left);
    if (errors.length > 0) throw new Error(`${print(left)}\n${errors.join('\n')}`);
  }
  const errors = errorsFor(filtered?.refused ?? [], variables);
  return {
    left: left && print(left).replaceAll(/\s+/g, ' '),
    refused: errors.map(({ path, extensions }) => `${path?.join('.')}: ${String(extensions['coordinate'])}`),
    filtered,
  };
}
