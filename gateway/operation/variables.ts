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
  const coerce = (sent: Readonly<Record<string, unknown>>): ReturnType<typeof getVariableValues> => {
    const plain = asTheyAre?.(sent);
    return plain ? { coerced: plain } : getVariableValues(schema, definitions, sent, { maxErrors: 10 });
  };
  return (sent) => {
    const { coerced, errors } = coerce(sent);
    if (errors) return errors.map(({ message }) => refusal('BAD_USER_INPUT', message, { status: 400 }));
    const conditions: Record<string, boolean> = {};
    for (const name of conditionNames) put(conditions, name, coerced[name] === true);
    return { sent: names.variables(sent), values: coerced, conditions };
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
