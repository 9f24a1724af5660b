import type { GraphQLSchema, OperationDefinitionNode, FragmentDefinitionNode } from 'graphql';

/** A JSON Schema of dialect 2020-12, as OpenAPI 3.1 has it. */
export type JsonSchema = Readonly<Record<string, unknown>>;

export type RestMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** Paths that stand for GraphQL operations: one table says what is served and what OpenAPI tells of it. */
export interface RestApi {
  /** `/api/v1`; what describes it is at `<base>/openapi.json`. */
  readonly base: string;
  readonly title: string;
  readonly version: string;
  readonly description?: string;
  readonly operations: readonly RestOperation[];
  /** What the graph's own scalars are in JSON; any value where one is missing. */
  readonly scalars?: Readonly<Record<string, JsonSchema>>;
  /** HTTP status by the product's own error codes, beside the gateway's. */
  readonly statuses?: Readonly<Record<string, number>>;
}

export interface RestOperation {
  /** `operationId`, and the name of what it answers. */
  readonly id: string;
  readonly method: RestMethod;
  /** Below the base; the places of `/things/:id` are variables of the document. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  /** One operation with one root field. Of a payload `userErrors` become problems and are not answered. */
  readonly document: string;
  /** The variable that is the JSON body; without it there is none. */
  readonly body?: string;
  /** Whether the body may be missing, and then stands for `{}`. */
  readonly isBodyOptional?: boolean;
  /** Variables that come from the query string. */
  readonly query?: readonly string[];
  /** The place that must be the viewer's own id. */
  readonly own?: string;
  /** The field of the root field's value that is answered; without it all of the value. */
  readonly part?: string;
  /** 200 where left out; 202 and 204 answer no body. */
  readonly status?: 200 | 201 | 202 | 204;
  readonly needsSignIn?: boolean;
  /** Request headers that mean something to this operation, for its description. */
  readonly headers?: readonly RestHeader[];
}

export interface RestHeader {
  readonly name: string;
  readonly description: string;
  readonly values?: readonly string[];
}

/** A table's operation held against a graph. */
export interface CompiledOperation {
  readonly declared: RestOperation;
  readonly node: OperationDefinitionNode;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** The root field's name in the answer. */
  readonly rootKey: string;
  readonly schema: GraphQLSchema;
}

export const isWithoutBody = ({ status = 200 }: RestOperation): boolean => status === 202 || status === 204;
