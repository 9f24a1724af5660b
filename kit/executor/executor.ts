import {
  type DocumentNode,
  execute,
  getOperationAST,
  type GraphQLSchema,
  type OperationDefinitionNode,
  parse,
  validate,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import { compileOperation, type RunOperation } from './operation.ts';

export interface PreparedOperation {
  readonly document: DocumentNode;
  /** Null where the name names none, or no name was given and there are several; running it says so. */
  readonly operation: OperationDefinitionNode | null;
  readonly run: RunOperation;
}

export interface Executor {
  /** Throws the first error of a text that is no valid document. */
  readonly prepare: (query: string, operationName?: string | null) => PreparedOperation;
}

interface Document {
  readonly document: DocumentNode;
  readonly operations: Map<OperationDefinitionNode, PreparedOperation>;
}

const MAX_DOCUMENTS = 2000;

/**
 * Answers operations as graphql-js does (the tests compare the two), from plans that are made once per document and
 * operation: a gateway sends the same few again and again.
 */
export function createExecutor(schema: GraphQLSchema): Executor {
  const documents = new LRUCache<string, Document>({ max: MAX_DOCUMENTS });
  const documentOf = (query: string): Document => {
    const known = documents.get(query);
    if (known) return known;
    const document = parse(query);
    const [error] = validate(schema, document);
    if (error) throw error;
    const made: Document = { document, operations: new Map() };
    documents.set(query, made);
    return made;
  };
  return {
    prepare: (query, operationName) => {
      const { document, operations } = documentOf(query);
      const operation = getOperationAST(document, operationName) ?? null;
      const known = operation && operations.get(operation);
      if (known) return known;
      const prepared = prepare(schema, query, document, operation, operationName);
      if (operation) operations.set(operation, prepared);
      return prepared;
    },
  };
}

function prepare(
  schema: GraphQLSchema,
  query: string,
  document: DocumentNode,
  operation: OperationDefinitionNode | null,
  operationName: string | null | undefined,
): PreparedOperation {
  // An answer named __proto__ is a property like any other only where objects have no prototype, as graphql-js's.
  const compiled = operation && !query.includes('__proto__') ? compileOperation(schema, document, operation) : null;
  const interpreted: RunOperation = (options) => execute({ schema, document, operationName, ...options });
  return { document, operation, run: compiled ?? interpreted };
}
