import { Kind, parse, visit, type ConstDirectiveNode } from 'graphql';

const NAME = /[_A-Za-z]\w*/g;
/** Arguments of join directives that select fields of the type they stand on. */
const SELECTIONS: ReadonlySet<string> = new Set(['key', 'requires', 'provides', 'selection']);

/**
 * Names of fields that the planner may select by itself, for keys and requirements, beside what a client selects: under
 * such a name a client's answer must hold that field and no other.
 * @param sdl The supergraph as the planner is given it.
 */
export function requiredNames(sdl: string): ReadonlySet<string> {
  const names = new Set(['__typename']);
  visit(parse(sdl, { noLocation: true }), {
    Directive: (directive) => collect(directive as ConstDirectiveNode, names),
  });
  return names;
}

function collect(directive: ConstDirectiveNode, names: Set<string>): void {
  if (!directive.name.value.startsWith('join__')) return;
  visit(directive, {
    Argument: ({ name, value }) => {
      if (SELECTIONS.has(name.value) && value.kind === Kind.STRING) addNames(value.value, names);
    },
    // Context arguments are lists of objects with a selection each.
    ObjectField: ({ name, value }) => {
      if (SELECTIONS.has(name.value) && value.kind === Kind.STRING) addNames(value.value, names);
    },
  });
}

function addNames(selection: string, names: Set<string>): void {
  for (const [name] of selection.matchAll(NAME)) names.add(name);
}
