import {
  isInputObjectType,
  getNamedType,
  Kind,
  parse,
  typeFromAST,
  validate,
  type DocumentNode,
  type FieldNode,
  type GraphQLInputType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type TypeNode,
} from 'graphql';
import { placesOf } from '../paths.ts';
import { fragmentsOf } from '../security/measure.ts';
import type { CompiledOperation, RestApi, RestOperation } from './rest.ts';

/** Holds a table against a graph. Throws naming every operation that does not fit it. */
export function compileRest(api: RestApi, schema: GraphQLSchema): readonly CompiledOperation[] {
  const problems: string[] = [];
  const compiled = api.operations.flatMap((declared) => {
    const found = problemsOf(declared, schema);
    problems.push(...found.map((problem) => `REST operation ${declared.id}: ${problem}`));
    return found.length > 0 ? [] : [compile(declared, schema)];
  });
  for (const [name, count] of countsOf(api)) if (count > 1) problems.push(`REST operations: ${name} stands twice`);
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return compiled;
}

function problemsOf(declared: RestOperation, schema: GraphQLSchema): readonly string[] {
  const document = parse(declared.document);
  const invalid = validate(schema, document).map(({ message }) => message);
  if (invalid.length > 0) return invalid;
  const operations = operationsOf(document);
  const [node] = operations;
  if (!node || operations.length !== 1) return ['its document must hold one operation'];
  if (!rootFieldOf(node)) return ['its document must have one root field'];
  if (declared.method === 'GET' && node.operation !== 'query') return ['GET answers queries only'];
  if (node.operation === 'subscription') return ['subscriptions have doors of their own'];
  return variableProblems(declared, schema, node);
}

function variableProblems(declared: RestOperation, schema: GraphQLSchema, node: OperationDefinitionNode): string[] {
  const given = new Set([...placesOf(declared.path), ...(declared.query ?? []), declared.body ?? '']);
  const wanted = (node.variableDefinitions ?? []).map(({ variable }) => variable.name.value);
  const problems: string[] = [];
  for (const { variable, type, defaultValue } of node.variableDefinitions ?? []) {
    const name = variable.name.value;
    const isNeeded = type.kind === Kind.NON_NULL_TYPE && !defaultValue;
    if (isNeeded && !given.has(name)) problems.push(`nothing gives $${name}`);
    if (name === declared.body && !isInputObjectType(getNamedType(inputTypeOf(schema, type))))
      problems.push(`its body $${name} must be an input object`);
  }
  // A place that only names the viewer is no variable.
  const needless = (name: string): boolean => name !== '' && name !== declared.own && !wanted.includes(name);
  for (const name of given) if (needless(name)) problems.push(`its document has no $${name}`);
  if (declared.own !== undefined && !placesOf(declared.path).includes(declared.own))
    problems.push(`its path has no :${declared.own}`);
  return problems;
}

function compile(declared: RestOperation, schema: GraphQLSchema): CompiledOperation {
  const document = parse(declared.document);
  const node = operationsOf(document)[0] as OperationDefinitionNode;
  const root = rootFieldOf(node) as FieldNode;
  const rootKey = (root.alias ?? root.name).value;
  return { declared, node, fragments: fragmentsOf(document), rootKey, schema };
}

const operationsOf = ({ definitions }: DocumentNode): readonly OperationDefinitionNode[] =>
  definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION);

export function rootFieldOf({ selectionSet: { selections } }: OperationDefinitionNode): FieldNode | null {
  const [only] = selections;
  return selections.length === 1 && only?.kind === Kind.FIELD ? only : null;
}

/** Null where the schema has no such type, which validation has excluded. */
export const inputTypeOf = (schema: GraphQLSchema, type: TypeNode): GraphQLInputType | undefined =>
  // Of its overloads none takes just any type.
  typeFromAST(schema, type) as GraphQLInputType | undefined;

function countsOf({ operations }: RestApi): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { id, method, path } of operations) {
    for (const name of [id, `${method} ${path}`]) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}
