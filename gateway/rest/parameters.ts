import { getNullableType, isListType, type GraphQLInputType } from 'graphql';
import type { CompiledOperation } from './rest.ts';
import { inputTypeOf } from './compile.ts';

type Variables = Record<string, unknown>;
type Read = (parameters: Readonly<Record<string, string>>, search: string) => Variables;

/** Compiles what makes an operation's variables out of a path's places and a query string. What is no value stays text, and is refused as such. */
export function compileParameters({ declared, node, schema }: CompiledOperation): Read {
  const types = new Map(
    (node.variableDefinitions ?? []).map(({ variable, type }) => [variable.name.value, inputTypeOf(schema, type)]),
  );
  const fromSearch = declared.query ?? [];
  return (parameters, search) => {
    const variables: Variables = {};
    for (const [name, value] of Object.entries(parameters)) {
      const type = types.get(name);
      if (type) variables[name] = valueOf(type, [value]);
    }
    if (fromSearch.length === 0) return variables;
    const asked = new URLSearchParams(search);
    for (const name of fromSearch) {
      const type = types.get(name);
      if (type && asked.has(name)) variables[name] = valueOf(type, asked.getAll(name));
    }
    return variables;
  };
}

/** The names of a query string that an operation does not know: a misspelt one would silently change nothing. */
export function unknownParameters({ declared }: CompiledOperation, search: string): readonly string[] {
  if (search === '' || search === '?') return [];
  const known = new Set(declared.query ?? []);
  return [...new Set(new URLSearchParams(search).keys())].filter((name) => !known.has(name));
}

function valueOf(type: GraphQLInputType, texts: readonly string[]): unknown {
  const inner = getNullableType(type);
  if (isListType(inner)) return texts.map((text) => valueOf(inner.ofType, [text]));
  const text = texts[texts.length - 1] ?? '';
  if (!('name' in inner)) return text;
  if (inner.name === 'Int' || inner.name === 'Float') return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
  return inner.name === 'Boolean' && (text === 'true' || text === 'false') ? text === 'true' : text;
}
