import {
  type DocumentNode,
  execute,
  type ExecutionResult,
  type FragmentDefinitionNode,
  getVariableValues,
  type GraphQLError,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  visit,
} from 'graphql';
import { addError, type Execution, type Group, type Holder } from './place.ts';
import { createPlanner, type FieldPlan, type SelectionPlan } from './plan.ts';
import { executeField, executeFields } from './run.ts';

export interface RunOptions {
  readonly contextValue?: unknown;
  readonly rootValue?: unknown;
  /** As the client sent them. */
  readonly variableValues?: Readonly<Record<string, unknown>> | null | undefined;
}

/** Answers the operation as graphql-js's `execute` would: at once where no resolver makes it wait. */
export type RunOperation = (options: RunOptions) => ExecutionResult | Promise<ExecutionResult>;

/** graphql-js's own limit, which its `execute` sets. */
const MAX_VARIABLE_ERRORS = 50;
/** Each combination of condition variables has a plan; with more of them than this, plans are made anew. */
const MAX_VARIANTS = 64;

/** Compiles one operation of a valid document, or answers null where only graphql-js can say what is wrong with it. */
export function compileOperation(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): RunOperation | null {
  const type = schema.getRootType(operation.operation);
  if (!type) return null;
  const fragments = fragmentsOf(document);
  const names = conditionsOf(document, operation);
  const variants = new Map<string, SelectionPlan>();
  const planFor = (conditions: Record<string, boolean>): SelectionPlan => {
    const key = names.map((name) => Number(conditions[name])).join('');
    let plan = variants.get(key);
    if (!plan) {
      if (variants.size >= MAX_VARIANTS) variants.clear();
      plan = createPlanner({ schema, fragments, conditions }).rootOf(type, operation.selectionSet);
      variants.set(key, plan);
    }
    return plan;
  };
  return ({ contextValue, rootValue, variableValues }) => {
    const given = variableValues ?? {};
    const { coerced: variables, errors } = getVariableValues(schema, operation.variableDefinitions ?? [], given, {
      maxErrors: MAX_VARIABLE_ERRORS,
    });
    if (errors) return { errors };
    const conditions = pick(variables, names);
    if (!conditions)
      return execute({
        schema,
        document,
        contextValue,
        rootValue,
        variableValues: given,
        operationName: operation.name?.value,
      });
    const x = { schema, fragments, operation, rootValue, context: contextValue, variables };
    return run({ ...x, errors: [], isRootNulled: false, started: null }, planFor(conditions));
  };
}

function fragmentsOf(document: DocumentNode): Record<string, FragmentDefinitionNode> {
  const fragments = Object.create(null) as Record<string, FragmentDefinitionNode>;
  for (const one of document.definitions) if (one.kind === Kind.FRAGMENT_DEFINITION) fragments[one.name.value] = one;
  return fragments;
}

/** Variables on which it depends what is selected. */
function conditionsOf(document: DocumentNode, operation: OperationDefinitionNode): readonly string[] {
  const asked = new Set<string>();
  visit(document, {
    Directive: ({ name, arguments: given }) => {
      if (name.value !== 'skip' && name.value !== 'include') return;
      for (const { value } of given ?? []) if (value.kind === Kind.VARIABLE) asked.add(value.name.value);
    },
  });
  // A fragment of another operation may ask for what this one does not have.
  const own = (operation.variableDefinitions ?? []).map(({ variable }) => variable.name.value);
  return own.filter((name) => asked.has(name));
}

/** Null where one is missing: that is an error where its directive stands. */
function pick(variables: Record<string, unknown>, names: readonly string[]): Record<string, boolean> | null {
  const picked: Record<string, boolean> = {};
  for (const name of names) {
    const value = variables[name];
    if (typeof value !== 'boolean') return null;
    picked[name] = value;
  }
  return picked;
}

function run(x: Execution, plan: SelectionPlan): ExecutionResult | Promise<ExecutionResult> {
  const isMutation = x.operation.operation === OperationTypeNode.MUTATION;
  return isMutation ? runInOrder(x, plan.fields, plan.blank()) : runAtOnce(x, plan);
}

const responseOf = ({ errors }: Execution, data: Holder | null): ExecutionResult =>
  errors.length === 0 ? { data } : { errors, data };

/** The answer where nothing is left of the data. */
function refusalOf(x: Execution, error: unknown): ExecutionResult {
  addError(x, undefined, error as GraphQLError);
  return responseOf(x, null);
}

/** Goes on once all that the group waits for is there. */
const whenDone = (
  x: Execution,
  group: Group,
  next: () => ExecutionResult | Promise<ExecutionResult>,
): Promise<ExecutionResult> =>
  new Promise((resolve) => {
    group.onDone = () => resolve(next());
    group.onFail = (error) => resolve(refusalOf(x, error));
  });

function runAtOnce(x: Execution, plan: SelectionPlan): ExecutionResult | Promise<ExecutionResult> {
  try {
    const data = executeFields(x, plan, x.rootValue, undefined);
    const group = x.started;
    x.started = null;
    return group ? whenDone(x, group, () => responseOf(x, data)) : responseOf(x, data);
  } catch (error) {
    return refusalOf(x, error);
  }
}

/** A mutation's fields, each after the one before it has ended. */
function runInOrder(
  x: Execution,
  fields: readonly FieldPlan[],
  data: Holder,
): ExecutionResult | Promise<ExecutionResult> {
  try {
    for (const [index, field] of fields.entries()) {
      const group = executeField(x, field, x.rootValue, data, undefined, null);
      if (group) return whenDone(x, group, () => runInOrder(x, fields.slice(index + 1), data));
    }
    return responseOf(x, data);
  } catch (error) {
    return refusalOf(x, error);
  }
}
