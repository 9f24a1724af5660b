import {
  getVariableValues,
  Kind,
  visit,
  type DocumentNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import { compileAsTheyAre } from './plain-variables.ts';
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
  const asTheyAre = compileAsTheyAre(schema, definitions);
  const coerce = (
    sent: Readonly<Record<string, unknown>>,
    hideSuggestions: boolean,
  ): ReturnType<typeof getVariableValues> => {
    const plain = asTheyAre?.(sent);
    if (plain) return { coerced: plain };
    for (const { variable } of definitions) checkNesting(variable.name.value, sent[variable.name.value]);
    return getVariableValues(schema, definitions, sent, { maxErrors: MAX_ERRORS, hideSuggestions });
  };
  return (sent, hidesSuggestions = false) => {
    const { coerced, errors } = coerce(sent, hidesSuggestions);
    if (errors) return errors.map(({ message }) => refusal('BAD_USER_INPUT', message, { status: 400 }));
    const conditions: Record<string, boolean> = {};
    for (const name of conditionNames) put(conditions, name, coerced[name] === true);
    return { sent: names.variables(sent), values: coerced, conditions };
  };
}

const MAX_ERRORS = 10;
/** Far deeper than what people write, and far from where a stack ends: graphql's, and that of JSON.stringify. */
const MAX_NESTING = 500;

function checkNesting(name: string, value: unknown): void {
  if (!isDeeper(value, MAX_NESTING)) return;
  const message = `Variable "$${name}" is nested more than ${MAX_NESTING} levels deep.`;
  throw refusal('BAD_USER_INPUT', message, { status: 400 });
}

const isDeeper = (value: unknown, levels: number): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1)));

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
