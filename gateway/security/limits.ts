import { GraphQLError, parse, type DocumentNode } from 'graphql';
import { refusal } from '../errors.ts';
import { measureDocument, type DocumentMeasure } from './measure.ts';
import { countOverlaps } from './measure.overlaps.ts';

export interface OperationLimits {
  /** Levels of fields, leaves included, fragments written out. */
  readonly maxDepth: number;
  /** The same below `__schema` and `__type`. */
  readonly maxIntrospectionDepth: number;
  readonly maxAliases: number;
  readonly maxRootFields: number;
  readonly maxDirectives: number;
  /** Of the text; comments are counted by themselves to the same limit. */
  readonly maxTokens: number;
  /** Fields of all operations of the document together, fragments written out. */
  readonly maxSelections: number;
  /** Pairs of fields with one response name, and of spreads, in one place of the answer: what validation compares. */
  readonly maxOverlaps: number;
  /** Coordinates (`Mutation.login`), of which an operation may use one, once. */
  readonly sensitiveFields: ReadonlySet<string>;
}

export const defaultOperationLimits: OperationLimits = {
  maxDepth: 12,
  // graphql 16's own introspection query is 15 levels deep.
  maxIntrospectionDepth: 15,
  maxAliases: 30,
  maxRootFields: 20,
  maxDirectives: 50,
  maxTokens: 2000,
  maxSelections: 100_000,
  // Compared in some 10 to 30 ms; documents of clients have a few hundred.
  maxOverlaps: 10_000,
  sensitiveFields: new Set(),
};

const BAD_REQUEST = 400;
/** How graphql-js ends the message of a document that is too long; its other syntax errors name what they met. */
const TOO_LONG = 'Parsing aborted.';

/**
 * Parses a document. Throws GRAPHQL_PARSE_FAILED, with where, and TOKEN_LIMIT_EXCEEDED as soon as the limit is passed:
 * what follows is not read, so `measured` is the first count over the limit.
 */
export function parseOperation(text: string, { maxTokens }: Pick<OperationLimits, 'maxTokens'>): DocumentNode {
  try {
    return parse(text, { maxLexicalTokens: maxTokens, maxComments: maxTokens });
  } catch (error) {
    if (error instanceof GraphQLError && error.message.endsWith(TOO_LONG)) {
      throw overLimit('TOKEN_LIMIT_EXCEEDED', 'The document has too many tokens or comments', maxTokens + 1, maxTokens);
    }
    const { message, source, positions } = error instanceof GraphQLError ? error : unreadable;
    const extensions = { code: 'GRAPHQL_PARSE_FAILED', http: { status: BAD_REQUEST } };
    throw new GraphQLError(message, { source, positions, extensions });
  }
}

/** Values nested deeper than the parser's stack: not one of its own errors. */
const unreadable = new GraphQLError('Syntax Error: the document is nested too deeply to be read.');

/**
 * Checks what can be checked before validation, which some documents would hold up: everything a document holds, so that
 * an operation which is not to run cannot hide a bomb. Empty where all is within the limits.
 */
export function checkDocument(document: DocumentNode, limits: OperationLimits): GraphQLError[] {
  const measure = measureDocument(document, limits.sensitiveFields);
  if (measure.cyclicFragment !== null) return [cycle(measure.cyclicFragment)];
  const errors = checksOf(measure, limits).flatMap(([code, what, measured, limit]) =>
    measured > limit ? [overLimit(code, what, measured, limit)] : [],
  );
  if (errors.length > 0) return errors;
  const overlaps = countOverlaps(document);
  if (overlaps <= limits.maxOverlaps) return [];
  return [overLimit('OVERLAP_LIMIT_EXCEEDED', 'The document repeats too many fields', overlaps, limits.maxOverlaps)];
}

type Check = readonly [code: string, what: string, measured: number, limit: number];

const checksOf = (measure: DocumentMeasure, limits: OperationLimits): readonly Check[] => [
  ['DEPTH_LIMIT_EXCEEDED', 'The operation is nested too deeply', measure.depth, limits.maxDepth],
  [
    'DEPTH_LIMIT_EXCEEDED',
    'The operation asks the schema too deeply',
    measure.introspectionDepth,
    limits.maxIntrospectionDepth,
  ],
  ['ALIAS_LIMIT_EXCEEDED', 'The operation has too many aliases', measure.aliases, limits.maxAliases],
  ['ROOT_FIELD_LIMIT_EXCEEDED', 'The operation has too many root fields', measure.rootFields, limits.maxRootFields],
  ['DIRECTIVE_LIMIT_EXCEEDED', 'The document has too many directives', measure.directives, limits.maxDirectives],
  ['SELECTION_LIMIT_EXCEEDED', 'The document selects too many fields', measure.selections, limits.maxSelections],
  ['SENSITIVE_FIELD_REPEATED', 'The operation uses fields that may be used once', measure.sensitiveFields, 1],
];

/** A refusal that says which limit, how much was measured and what to do. */
export const overLimit = (code: string, what: string, measured: number, limit: number): GraphQLError =>
  refusal(code, `${what} (${measured}; the limit is ${limit}). Ask for less at once.`, {
    status: BAD_REQUEST,
    measured,
    limit,
  });

const cycle = (fragment: string): GraphQLError =>
  refusal('GRAPHQL_VALIDATION_FAILED', `Cannot spread fragment "${fragment}" within itself.`, { status: BAD_REQUEST });
