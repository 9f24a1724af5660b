import {
  coerceInputValue,
  getVariableValues,
  isInputType,
  isNonNullType,
  Kind,
  typeFromAST,
  valueFromAST,
  visit,
  type DocumentNode,
  type GraphQLInputType,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import { put } from '../execution/data.ts';
import { refusal } from '../errors.ts';
import type { Names } from './names.ts';
import type { Operation } from './operation.ts';

/** Compiles what checks an operation's variables. */
export function compileCoercion(
  schema: GraphQLSchema,
  document: DocumentNode,
  node: OperationDefinitionNode,
  names: Names,
): Operation['coerce'] {
  const definitions = node.variableDefinitions ?? [];
  if (definitions.length === 0) return () => NONE;
  const conditionNames = conditionNamesOf(document);
  const readable = readerOf(schema, definitions);
  return (sent) => {
    const { coerced, errors } = readable(sent) ?? getVariableValues(schema, definitions, sent, { maxErrors: 10 });
    if (errors) return errors.map(({ message }) => refusal('BAD_USER_INPUT', message, { status: 400 }));
    const conditions: Record<string, boolean> = {};
    for (const name of conditionNames) put(conditions, name, coerced[name] === true);
    return { sent: names.variables(sent), values: coerced, conditions };
  };
}

type Values = Readonly<Record<string, unknown>>;
type Reader = (sent: Values) => { readonly coerced: Values; readonly errors?: never } | null;

interface Variable {
  readonly name: string;
  readonly type: GraphQLInputType;
  /** Undefined where there is none. */
  readonly initial: unknown;
}

/** Reads variables that are as they should be, without asking for their types each time; null where graphql-js must say what is wrong. */
function readerOf(schema: GraphQLSchema, definitions: OperationDefinitionNode['variableDefinitions']): Reader {
  const variables: Variable[] = [];
  for (const { variable, type: node, defaultValue } of definitions ?? []) {
    const type = typeFromAST(schema, node as never) as GraphQLInputType | undefined;
    if (!isInputType(type)) return () => null;
    const initial = defaultValue ? valueFromAST(defaultValue, type) : undefined;
    variables.push({ name: variable.name.value, type, initial });
  }
  return (sent) => {
    const coerced = Object.create(null) as Record<string, unknown>;
    let isWrong = false;
    const note = (): void => void (isWrong = true);
    for (const { name, type, initial } of variables) {
      if (Object.hasOwn(sent, name)) coerced[name] = coerceInputValue(sent[name], type, note);
      else if (initial !== undefined) coerced[name] = initial;
      else if (isNonNullType(type)) return null;
      if (isWrong) return null;
    }
    return { coerced };
  };
}

const NONE = { sent: {}, values: {}, conditions: {} } as const;

/** The variables that say whether something is selected at all, in the order in which they come up. */
function conditionNamesOf(document: DocumentNode): readonly string[] {
  const names = new Set<string>();
  visit(document, {
    Directive: ({ name, arguments: given }) => {
      if (name.value !== 'skip' && name.value !== 'include') return;
      for (const { value } of given ?? []) if (value.kind === Kind.VARIABLE) names.add(value.name.value);
    },
  });
  return [...names];
}
