import { Kind, visit, type DocumentNode, type FieldNode } from 'graphql';
import { put } from '../execution/data.ts';

/** What a client calls things, and what subgraphs are asked for in its place. */
export interface Names {
  /** The document to plan. */
  readonly document: DocumentNode;
  /** The name under which a field's value is found in the data. */
  readonly inData: (field: FieldNode) => string;
  /** The client's name of a response name or variable. */
  readonly ofClient: (name: string) => string;
  /** A client's variables, or what they come to as conditions, under the names that the plan knows. */
  readonly variables: <Value>(ofClient: Readonly<Record<string, Value>>) => Readonly<Record<string, Value>>;
}

const responseName = ({ alias, name }: FieldNode): string => alias?.value ?? name.value;
/** Variables of the planner's own: representations of entities, arguments that a context fills. */
const PLANNER_VARIABLE = /^(representations|contextualArgument)/;

/**
 * Gives names of their own to what would get in the planner's way: a response name that is also the name of a key or of a
 * required field but stands for something else (`id: name`, `price(in: EUR)`), one that objects inherit (`__proto__`), and
 * a variable with a name that the planner uses. Everything else keeps its name.
 * @param named The document whose names are taken, where `document` is another form of it.
 */
export function createNames(
  document: DocumentNode,
  required: ReadonlySet<string>,
  named: DocumentNode = document,
): Names {
  const taken = new Set<string>();
  visit(named, {
    Field: (field) => void taken.add(responseName(field)),
    Variable: ({ name }) => void taken.add(name.value),
  });
  const prefix = freePrefix(taken);
  const isInTheWay = (field: FieldNode): boolean => {
    const name = responseName(field);
    if (name in Object.prototype) return true;
    if (!required.has(name)) return false;
    return name !== field.name.value || (field.arguments ?? []).length > 0;
  };
  const inData = (field: FieldNode): string => (isInTheWay(field) ? prefix : '') + responseName(field);
  const inPlan = new Map<string, string>();
  let isRenaming = false;
  const renamed = visit(document, {
    Field: (field) => (isInTheWay(field) ? { ...field, alias: { kind: Kind.NAME, value: inData(field) } } : undefined),
    Variable: (variable) => {
      const name = variable.name.value;
      const isPlanners = PLANNER_VARIABLE.test(name);
      isRenaming ||= isPlanners;
      inPlan.set(name, isPlanners ? prefix + name : name);
      return isPlanners ? { ...variable, name: { kind: Kind.NAME, value: prefix + name } } : undefined;
    },
  });
  const variables = <Value>(sent: Readonly<Record<string, Value>>): Readonly<Record<string, Value>> => {
    if (!isRenaming) return sent;
    const known: Record<string, Value> = {};
    // Only those of the document: another one may be sent under the very name that is given here.
    for (const [name, given] of inPlan) if (Object.hasOwn(sent, name)) put(known, given, sent[name]);
    return known;
  };
  const ofClient = (name: string): string => (name.startsWith(prefix) ? name.slice(prefix.length) : name);
  return { document: renamed, inData, ofClient, variables };
}

/** Two leading underscores are the specification's; one with a number is nobody's. */
function freePrefix(taken: ReadonlySet<string>): string {
  const names = [...taken];
  for (let number = 0; ; number++) {
    const prefix = `_${number}_`;
    if (!names.some((name) => name.startsWith(prefix))) return prefix;
  }
}
