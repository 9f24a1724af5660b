import { parse } from 'yaml';

export interface ComposeService {
  readonly image: string;
  readonly build?: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string | number | null>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly networks?: readonly string[];
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly networks?: Readonly<Record<string, { readonly internal?: boolean }>>;
  readonly volumes?: Readonly<Record<string, object>>;
}

/** `${NAME}`, `${NAME:-fallback}` and `${NAME:?why it is needed}`; `$$` is a dollar. */
const INTERPOLATION = /\$\$|\$\{(?<name>\w+)(?::(?<operator>[-?])(?<operand>[^}]*))?\}/g;

/** Names of the variables without which `docker compose` refuses to start. */
export function requiredVariables(text: string): readonly string[] {
  const found = [...text.matchAll(INTERPOLATION)].flatMap(({ groups }) =>
    groups?.['name'] !== undefined && groups['operator'] === '?' ? [groups['name']] : [],
  );
  return [...new Set(found)];
}

/** Reads a Compose file as Compose does: variables put in, then YAML with merge keys. Throws where a variable is missing. */
export function readComposeFile(text: string, variables: Readonly<Record<string, string>>): unknown {
  const interpolated = text.replaceAll(INTERPOLATION, (...match) => {
    const { name, operator, operand } = match.at(-1) as Record<'name' | 'operator' | 'operand', string | undefined>;
    if (name === undefined) return '$';
    const value = variables[name];
    if (value !== undefined && value !== '') return value;
    if (operator === '-') return operand ?? '';
    throw new Error(`${name}: ${operand ?? 'is not set'}`);
  });
  return parse(interpolated, { merge: true });
}
